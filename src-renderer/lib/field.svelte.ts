/** The one field of the masthead: its text, and a way to put the cursor into it. */
class Field {
  text = $state('');
  #element: () => HTMLInputElement | undefined = () => undefined;

  attach(element: () => HTMLInputElement | undefined): void {
    this.#element = element;
  }

  focus(): void {
    this.#element()?.focus();
  }
}

export const field = new Field();
