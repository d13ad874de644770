import { carry } from './obskit.js';

/**
 * The first function of a pipeline, on a data source of type NONE: the functions after it find the trace in the stash.
 */
export function request(ctx) {
  carry(ctx);
  return { payload: null };
}

/** What came before goes on as it is. */
export function response(ctx) {
  return ctx.prev?.result;
}
