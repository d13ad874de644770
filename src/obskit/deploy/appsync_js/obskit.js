import { util } from '@aws-appsync/utils';

/**
 * Carries trace and correlation id through AppSync: from the request's headers into the stash, and from there into what
 * a resolver sends. `obskit.extract` reads all of it. Written by `obskit appsync-function`.
 */

/**
 * Puts the trace into `ctx.stash`, once for each resolver, and returns the headers by which it goes on.
 *
 * In the stash are x-trace-id (32 hex digits), x-span-id (16, where the request names a parent), x-correlation-id, and
 * the headers themselves. The client gets x-trace-id back, from the fields of Query and Mutation: AppSync counts every
 * definition of a response header against 4 kB, and a nested field may be resolved a hundred times.
 */
export function carry(ctx) {
  const stash = ctx.stash;
  if (!stash['x-trace-id']) {
    const given = ctx.request?.headers ?? {};
    const client = readTraceparent(given.traceparent);
    const trace = client ?? readXray(given['x-amzn-trace-id']) ?? newTrace();
    stash['x-trace-id'] = trace.traceId;
    stash['x-amzn-trace-id'] = renderXray(trace);
    stash['x-correlation-id'] = isCorrelationId(given['x-correlation-id'])
      ? given['x-correlation-id']
      : trace.traceId;
    if (trace.spanId) {
      stash['x-span-id'] = trace.spanId;
    }
    // It goes before X-Ray's header and has no place for the keys of others, such as Lineage.
    if (trace.spanId && trace.sampled && !trace.others) {
      stash.traceparent = `00-${trace.traceId}-${trace.spanId}-0${trace.sampled}`;
    }
    if (client && isShort(given.tracestate)) {
      stash.tracestate = given.tracestate;
    }
    if (isShort(given.baggage)) {
      stash.baggage = given.baggage;
    }
    const parent = ctx.info?.parentTypeName;
    if (parent === 'Query' || parent === 'Mutation') {
      util.http.addResponseHeader('x-trace-id', trace.traceId);
    }
  }
  const headers = {
    'x-amzn-trace-id': stash['x-amzn-trace-id'],
    'x-correlation-id': stash['x-correlation-id'],
  };
  if (stash.traceparent) {
    headers.traceparent = stash.traceparent;
  }
  if (stash.traceparent && stash.tracestate) {
    headers.tracestate = stash.tracestate;
  }
  // Not baggage: nothing here can mask it, and archives and other companies would keep it.
  return headers;
}

/**
 * Returns a copy of `target` with the trace in it: the headers of an HTTP request, the `detail` of an EventBridge entry
 * (there it survives archive and replay), or a Lambda payload of your own.
 */
export function withTrace(ctx, target) {
  return { ...target, ...carry(ctx) };
}

/**
 * Returns the request of a Lambda data source, with the event that a direct resolver would send. `more` adds to it or
 * replaces: `{ operation: 'BatchInvoke' }`, `{ invocationType: 'Event' }`.
 */
export function lambdaRequest(ctx, more) {
  carry(ctx);
  return {
    operation: 'Invoke',
    payload: {
      arguments: ctx.arguments,
      identity: ctx.identity,
      source: ctx.source,
      request: ctx.request,
      prev: ctx.prev,
      info: ctx.info,
      stash: ctx.stash,
    },
    ...more,
  };
}

// W3C Trace Context, section 3.2: version ff and ids of zeros are invalid, version 00 has this length exactly.
function readTraceparent(header) {
  const text = typeof header === 'string' ? header.trim() : '';
  if (!util.matches('^[0-9a-f]{2}-[0-9a-f]{32}-[0-9a-f]{16}-[0-9a-f]{2}(-.*)?$', text)) {
    return null;
  }
  const version = text.slice(0, 2);
  const traceId = text.slice(3, 35);
  const spanId = text.slice(36, 52);
  if (version === 'ff' || (version === '00' && text.length !== 55) || isZero(traceId) || isZero(spanId)) {
    return null;
  }
  return { traceId, spanId, sampled: '13579bdf'.indexOf(text.charAt(54)) >= 0 ? '1' : '0', others: '' };
}

// Keys in any order and case, Parent and Sampled missing or '?', Self of a load balancer, keys of others.
function readXray(header) {
  if (typeof header !== 'string' || header.length > 1024) {
    return null;
  }
  const pairs = {};
  const others = [];
  for (const item of header.split(';')) {
    const at = item.indexOf('=');
    if (at >= 0) {
      const key = item.slice(0, at).trim();
      const value = item.slice(at + 1).trim();
      const name = `:${key.toLowerCase()}`;
      pairs[name] = pairs[name] ?? value;
      const isOurs = name === ':root' || name === ':parent' || name === ':sampled' || name === ':self';
      if (!isOurs && util.matches('^[ -~]*$', item)) {
        others.push(`${key}=${value}`);
      }
    }
  }
  const root = pairs[':root'] ?? '';
  if (!util.matches('^1-[0-9a-fA-F]{8}-[0-9a-fA-F]{24}$', root)) {
    return null;
  }
  const traceId = `${root.slice(2, 10)}${root.slice(11)}`.toLowerCase();
  const parent = (pairs[':parent'] ?? '').toLowerCase();
  const sampled = pairs[':sampled'];
  if (isZero(traceId)) {
    return null;
  }
  return {
    traceId,
    spanId: util.matches('^[0-9a-f]{16}$', parent) && !isZero(parent) ? parent : '',
    sampled: sampled === '1' || sampled === '0' ? sampled : '',
    others: others.join(';'),
  };
}

function renderXray(trace) {
  const root = `Root=1-${trace.traceId.slice(0, 8)}-${trace.traceId.slice(8)}`;
  const parent = trace.spanId ? `;Parent=${trace.spanId}` : '';
  const sampled = trace.sampled ? `;Sampled=${trace.sampled}` : '';
  return `${root}${parent}${sampled}${trace.others ? ';' : ''}${trace.others}`;
}

// AppSync always sends X-Ray's header; this is for the test console and for code that calls it otherwise.
function newTrace() {
  let seconds = util.time.nowEpochSeconds();
  let epoch = '';
  for (const _ of [1, 2, 3, 4, 5, 6, 7, 8]) {
    epoch = '0123456789abcdef'.charAt(seconds % 16) + epoch;
    seconds = Math.floor(seconds / 16);
  }
  return { traceId: `${epoch}${util.autoId().split('-').join('').slice(0, 24)}`, spanId: '', sampled: '', others: '' };
}

function isCorrelationId(value) {
  return typeof value === 'string' && util.matches('^[a-zA-Z0-9_.:-]{1,128}$', value);
}

function isShort(value) {
  return typeof value === 'string' && value !== '' && value.length <= 8192;
}

function isZero(digits) {
  return util.matches('^0+$', digits);
}
