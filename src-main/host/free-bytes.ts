/** Room on the disk that a path lies on, as much of it as this user may take. */
import { statfs } from 'node:fs/promises';

export async function freeBytesOf(path: string): Promise<number> {
  const { bavail, bsize } = await statfs(path);
  return bavail * bsize;
}
