/** placeholder until merged */
export class InsertBudgets {
  constructor(_budgetBytes: () => number) {}
  spend(_key: string, _bytes: number, _nowMs: number): boolean {
    return true;
  }
  get size(): number {
    return 0;
  }
}
