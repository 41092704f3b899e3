/** Who is logged in on this machine: its name should not go out in the names of files without anybody having seen it. */
import { userInfo } from 'node:os';

/** Empty where the system does not say. */
export function userName(): string {
  try {
    return userInfo().username;
  } catch {
    return '';
  }
}
