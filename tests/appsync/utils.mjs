// What the tests put in the place of `@aws-appsync/utils`, whose functions exist in AppSync only.
export const seen = { headers: [], errors: [] };

class Raised extends Error {}

export const util = {
  matches: (pattern, text) => new RegExp(pattern, 'u').test(text),
  autoId: () => '6ba7b810-9dad-41d1-80b4-00c04fd430c8',
  time: { nowEpochSeconds: () => 1767225599 },
  http: {
    addResponseHeader: (name, value) => {
      seen.headers.push([name, value]);
    },
  },
  error: (message, type) => {
    seen.errors.push([message, type]);
    throw new Raised(message);
  },
};
