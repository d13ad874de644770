// Calls functions of APPSYNC_JS modules: one JSON document a line in, `{file, call, ctx, more}`; one a line out.
import { createInterface } from 'node:readline';
import { seen } from '@aws-appsync/utils';

const modules = {};
for await (const line of createInterface({ input: process.stdin })) {
  const { file, call, ctx, more } = JSON.parse(line);
  modules[file] ??= await import(`./${file}`);
  seen.headers.length = seen.errors.length = 0;
  let result = null;
  try {
    result = modules[file][call](ctx, ...more) ?? null;
  } catch (error) {
    if (!seen.errors.length) seen.errors.push([String(error), 'thrown']);
  }
  console.log(JSON.stringify({ result, stash: ctx.stash, ...seen }));
}
