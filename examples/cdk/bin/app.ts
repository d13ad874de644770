import { readdirSync } from "node:fs";
import { join } from "node:path";
import { App } from "aws-cdk-lib";
import { Observability } from "../lib/observability";

// One stack for each template of each region; accounts are those of obskit.toml.
const environment = process.env.ENVIRONMENT ?? "dev";
const rendered = join(__dirname, "../../../../alarms/rendered", environment);
const app = new App();

for (const region of readdirSync(rendered)) {
  for (const file of readdirSync(join(rendered, region)).filter((name) => name.endsWith(".template.json"))) {
    const name = file.replace(".template.json", "");
    new Observability(app, `${name}-${environment}-${region}`, {
      template: join(rendered, region, file),
      stackName: `${name}-${environment}`,
      env: { region },
      // In obskit.toml: graphql_api = { parameter = "GraphqlApiId" }; an id that is written there needs no parameter.
      ids: { GraphqlApiId: process.env.GRAPHQL_API ?? "d3v7exampleappsyncapiid000" },
      tags: { env: environment, cost_center: "1234" },
    });
  }
}

app.synth();
