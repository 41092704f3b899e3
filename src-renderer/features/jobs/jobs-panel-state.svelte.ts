/** Whether the panel of what runs is open: from its button, or by its keys. */
class JobsPanelState {
  open = $state(false);
}

export const jobsPanel = new JobsPanelState();
