/** What `reflex init` writes, by path in the folder. */
export function initialFiles(): Readonly<Record<string, string>> {
  return {
    "config/base.yml": BASE,
    "config/dev.yml": stage("dev", "Only the streams of the team's sandbox."),
    "config/prod.yml": stage("prod", "Name what matters; a named stream also has an alarm of its own."),
    ".gitignore": "node_modules/\n.serverless/\n",
    ".github/workflows/reflex.yml": WORKFLOW,
  };
}

/** Editors complete and check the config by it. */
const SCHEMA = "# yaml-language-server: $schema=../node_modules/reflex/config/config.schema.json";

const BASE = `${SCHEMA}
# What every stage has in common. A stage's file says \`extends: base.yml\` and only what is different.

# observe: decide and notify, change nothing. Set \`act\` for one stream, site or node pool, or here for all.
mode: observe

notify:
  # Each address gets a mail to confirm.
  emails: []
`;

const stage = (name: string, hint: string): string => `${SCHEMA}
# Stage ${name}. \`npx reflex check\` checks it.
extends: base.yml

streams:
  # ${hint}
  "*":
    max: 10
`;

const WORKFLOW = `# Checks the config of each pull request, and deploys main after it.
name: reflex

on:
  push: { branches: [main] }
  pull_request:

permissions:
  contents: read

jobs:
  check:
    runs-on: ubuntu-latest
    timeout-minutes: 15
    steps:
      - uses: actions/checkout@v5
      - uses: actions/setup-node@v5
        with: { node-version: 22, cache: npm }
      - run: npm ci
      - run: npx reflex check
      - run: npx reflex package --stage prod

  deploy:
    if: github.ref == 'refs/heads/main'
    needs: check
    runs-on: ubuntu-latest
    timeout-minutes: 30
    environment: prod
    permissions: { contents: read, id-token: write }
    steps:
      - uses: actions/checkout@v5
      - uses: actions/setup-node@v5
        with: { node-version: 22, cache: npm }
      - run: npm ci
      - uses: aws-actions/configure-aws-credentials@v5
        with:
          role-to-assume: \${{ vars.AWS_ROLE }}
          aws-region: \${{ vars.AWS_REGION }}
      - run: npx reflex release --stage prod --watch 10
`;
