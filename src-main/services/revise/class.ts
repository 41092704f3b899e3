/** What the class of a publication forbids, for good: chosen when it was published, and part of where its slots are. */
import { BroadsideError } from '../../../shared/base/errors.ts';
import type { LinkClass } from '../../../shared/base/links.ts';
import { CLASS_DELETE_ONLY, CLASS_FIXED } from '../../core/wire/record.ts';

export type Change = 'update' | 'password' | 'delete' | 'list';

/** Throws `refused` where the class of a link forbids a change, before anything is asked or sent. */
export function requireClass(linkClass: LinkClass, change: Change): void {
  if (linkClass === CLASS_FIXED && change === 'list') {
    throw new BroadsideError(
      'refused',
      'This publication is permanent: it has no password by which its listing could be signed or taken back. Where it is listed from here, it need not be renewed.',
    );
  }
  if (linkClass === CLASS_FIXED) {
    throw new BroadsideError(
      'refused',
      'This publication is permanent, and permanent means permanent: nobody can change or delete it, its publisher included.',
    );
  }
  if (linkClass === CLASS_DELETE_ONLY && (change === 'update' || change === 'password')) {
    throw new BroadsideError(
      'refused',
      'This publication was made so that it can be deleted but never changed. Delete it, or publish the new content beside it.',
    );
  }
}
