import { util } from '@aws-appsync/utils';
import { lambdaRequest } from './obskit.js';

/** Calls a function with the event of a direct Lambda resolver and the trace in its stash. */
export function request(ctx) {
  return lambdaRequest(ctx);
}

export function response(ctx) {
  if (ctx.error) {
    util.error(ctx.error.message, ctx.error.type, ctx.result);
  }
  return ctx.result;
}
