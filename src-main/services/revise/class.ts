/** What the class of a publication forbids, for good: chosen when it was published, and part of where its slots are. */
import { BroadsideError } from '../../../shared/base/errors.ts';
import type { LinkClass } from '../../../shared/base/links.ts';
import { CLASS_DELETE_ONLY, CLASS_FIXED } from '../../core/wire/record.ts';

export type Change = 'update' | 'password' | 'delete';

/** Throws `refused` where the class of a link forbids a change, before anything is asked or sent. */
export function requireClass(linkClass: LinkClass, change: Change): void {
  if (linkClass === CLASS_FIXED) {
    throw new BroadsideError(
      'refused',
      'This publication is permanent, and permanent means permanent: nobody can change or delete it, its publisher included.',
    );
  }
  if (linkClass === CLASS_DELETE_ONLY && change !== 'delete') {
    throw new BroadsideError(
      'refused',
      'This publication was made so that it can be deleted but never changed. Delete it, or publish the new content beside it.',
    );
  }
}
