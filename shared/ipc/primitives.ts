/** What the things that the interface and the node talk about are made of. */
import * as v from 'valibot';

export const count = v.pipe(v.number(), v.integer(), v.minValue(0));
export const amount = v.pipe(v.number(), v.minValue(0));
/** A place on the circle of keys, as a fraction of it from 0 (at the top) clockwise to 1. */
export const place = v.pipe(v.number(), v.minValue(0), v.maxValue(1));
export const shortText = v.pipe(v.string(), v.maxLength(4096));
