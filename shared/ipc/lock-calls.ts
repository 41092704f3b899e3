/**
 * The passphrase of the library: what tells about the person (library, bookmarks, pen names, shared folders, wishes, unfinished
 * sendings) lies on the disk under it, and is in the node's memory only while it is unlocked. The calls are part of the contract
 * (contract.ts); while it is locked all others but status.get and config.get fail with `locked`.
 */
import * as v from 'valibot';
import { ErrorSchema } from './job-model.ts';
import { call, nothing, text } from './primitives.ts';

const passphrase = text(1024);

/**
 * none: there is no passphrase; open: there is one, and it was given; locked; changing: everything is being written anew under
 * another key, or none. Windows begin anew when it becomes locked or stops being so.
 */
export const LockSchema = v.object({
  state: v.picklist(['none', 'open', 'locked', 'changing']),
  /**
   * Whether the library opens by itself when the node starts on this machine, by the key store of the system. plain-text: what the system has
   * seals nothing; unavailable: it does not answer; absent: there is no passphrase, or this host has none, which is so for all but the
   * desktop app.
   */
  keyStore: v.optional(v.object({ state: v.picklist(['plain-text', 'unavailable', 'off', 'on']), name: text(64) })),
  /** Why the last change did not happen; everything is as it was before it. */
  problem: v.optional(ErrorSchema),
});
export type Lock = v.InferOutput<typeof LockSchema>;

export const LOCK_CALLS = {
  'lock.get': call(nothing, LockSchema),
  /**
   * Locks at once: jobs are interrupted and go on after unlocking, nothing is shared. `wipe`: what is kept of opened publications
   * and uploads are removed, too; absent, as the setting `panic-wipes` says. `usage` where there is no passphrase and nothing to wipe.
   */
  'lock.lock': call(v.object({ wipe: v.optional(v.boolean()) }), LockSchema),
  /** `refused` for a wrong passphrase. No error where nothing is locked. */
  'lock.unlock': call(v.object({ passphrase }), LockSchema),
  /**
   * Sets (`next` alone), changes (both) or removes (`passphrase` alone) it. `refused` for a wrong one, `weak-password`, `usage`. Answers
   * when the change has begun; `lock` events tell how it ended. Until then, and if it fails, the one before holds.
   */
  'lock.change': call(v.object({ passphrase: v.optional(passphrase), next: v.optional(passphrase) }), LockSchema),
  /**
   * The library opens without asking on this machine from now on: its key is sealed by the system's key store. `refused` for a wrong
   * passphrase, and with the reason where there is no key store that protects. Locking ends it, as does `lock.forget`.
   */
  'lock.remember': call(v.object({ passphrase }), LockSchema),
  'lock.forget': call(nothing, LockSchema),
  /**
   * A person did something in a window, or gave a command: what the setting `lock-after` counts from. Windows say so at most every 20
   * seconds. No error while it is locked.
   */
  'lock.active': call(nothing, nothing),
  /** Random words that are strong enough. They are kept nowhere. */
  'lock.suggest': call(nothing, v.object({ passphrase })),
} as const;
