import appsync from '@aws-appsync/eslint-plugin';

export default [
  { files: ['**/*.js'], ...appsync.configs.recommended },
  {
    files: ['**/*.js'],
    languageOptions: { parserOptions: { project: './tsconfig.json', tsconfigRootDir: import.meta.dirname } },
  },
];
