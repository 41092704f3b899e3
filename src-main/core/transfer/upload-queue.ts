/**
 * Who waits for an upload slot, in turn among users: one with many files does not come before one with a single file.
 */

interface Waiting {
  readonly user: string;
  readonly root: string;
}

export class UploadQueue {
  /** Users in the order of their turns; what each waits for in the order in which it was asked. */
  readonly #users = new Map<string, string[]>();
  #size = 0;

  get size(): number {
    return this.#size;
  }

  has(user: string, root: string): boolean {
    return this.#users.get(user)?.includes(root) ?? false;
  }

  countOf(user: string): number {
    return this.#users.get(user)?.length ?? 0;
  }

  add(user: string, root: string): void {
    if (this.has(user, root)) return;
    const roots = this.#users.get(user);
    if (roots === undefined) this.#users.set(user, [root]);
    else roots.push(root);
    this.#size += 1;
  }

  /** Before all others: who had a slot and lost its link. */
  addFirst(user: string, root: string): void {
    this.remove(user, root);
    const others = [...this.#users];
    const own = this.#users.get(user) ?? [];
    this.#users.clear();
    this.#users.set(user, [root, ...own]);
    for (const [key, roots] of others) if (key !== user) this.#users.set(key, roots);
    this.#size += 1;
  }

  remove(user: string, root: string): boolean {
    const roots = this.#users.get(user);
    const index = roots?.indexOf(root) ?? -1;
    if (roots === undefined || index < 0) return false;
    roots.splice(index, 1);
    if (roots.length === 0) this.#users.delete(user);
    this.#size -= 1;
    return true;
  }

  removeUser(user: string): void {
    this.#size -= this.countOf(user);
    this.#users.delete(user);
  }

  /** Takes off whose turn it is among those that `may` have one; the user then goes behind the others. */
  next(may: (user: string) => boolean): Waiting | undefined {
    for (const [user, roots] of this.#users) {
      if (!may(user)) continue;
      const root = roots.shift()!;
      this.#size -= 1;
      this.#users.delete(user);
      if (roots.length > 0) this.#users.set(user, roots);
      return { user, root };
    }
    return undefined;
  }

  /** All that wait, in the order in which their turns come. */
  *order(): Generator<Waiting> {
    const longest = Math.max(0, ...[...this.#users.values()].map((roots) => roots.length));
    for (let round = 0; round < longest; round += 1) {
      for (const [user, roots] of this.#users) {
        const root = roots[round];
        if (root !== undefined) yield { user, root };
      }
    }
  }
}
