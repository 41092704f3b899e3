/** placeholder until merged */
export class StampDemand {
  readonly #base: number;
  constructor(base: number, _quota: () => number) {
    this.#base = base;
  }
  onStored(_bytes: number, _nowMs: number): void {}
  bits(_nowMs: number): number {
    return this.#base;
  }
}
