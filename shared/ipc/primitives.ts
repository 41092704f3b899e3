/** What the things that the interface and the node talk about are made of. */
import * as v from 'valibot';

export const count = v.pipe(v.number(), v.integer(), v.minValue(0));
export const amount = v.pipe(v.number(), v.minValue(0));
/** A place on the circle of keys, as a fraction of it from 0 (at the top) clockwise to 1. */
export const place = v.pipe(v.number(), v.minValue(0), v.maxValue(1));
export const shortText = v.pipe(v.string(), v.maxLength(4096));
export const text = (max: number) => v.pipe(v.string(), v.maxLength(max));
export const whole = (min: number, max: number) => v.pipe(v.number(), v.integer(), v.minValue(min), v.maxValue(max));

/** A call of the contract: what it takes, and what it answers. */
export const call = <P extends v.GenericSchema, R extends v.GenericSchema>(params: P, result: R) => ({
  params,
  result,
});
export const nothing = v.null();
