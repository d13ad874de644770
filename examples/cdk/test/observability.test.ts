import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, test } from "node:test";
import { App } from "aws-cdk-lib";
import { Match, Template } from "aws-cdk-lib/assertions";
import { Observability } from "../lib/observability";

const RENDERED = join(__dirname, "../../../../alarms/rendered/prod/us-east-1/shop.template.json");
const scratch = mkdtempSync(join(tmpdir(), "obskit-cdk-"));
after(() => rmSync(scratch, { recursive: true }));

/** The stack's template, synthesised as `cdk deploy` would. */
function synthesised(template: string, ids: Record<string, string> = {}): Template {
  const app = new App({ outdir: join(scratch, "out") });
  return Template.fromStack(new Observability(app, "Stack", { template, ids, tags: { env: "prod", team: "shop" } }));
}

test("every rendered resource arrives, with its own logical id", () => {
  const before = JSON.parse(readFileSync(RENDERED, "utf8"));
  const now = synthesised(RENDERED).toJSON();

  assert.deepEqual(Object.keys(now.Resources).sort(), Object.keys(before.Resources).sort());
  for (const [id, resource] of Object.entries<any>(now.Resources)) {
    const { Tags: _, ...properties } = resource.Properties;
    const { Tags: __, ...rendered } = before.Resources[id].Properties;
    assert.deepEqual(properties, rendered, id);
  }
});

test("the app's tags arrive beside those of the template", () => {
  const template = synthesised(RENDERED);

  for (const type of ["AWS::CloudWatch::Alarm", "AWS::CloudWatch::Dashboard", "AWS::SNS::Topic"]) {
    template.allResourcesProperties(type, { Tags: Match.arrayWith([{ Key: "team", Value: "shop" }]) });
    template.allResourcesProperties(type, { Tags: Match.arrayWith([Match.objectLike({ Key: "cost_center" })]) });
  }
});

const PROJECT = `
[project]
name = "shop"
namespace = "Shop"
catalogs = []
runbooks = "https://runbooks.shop.example/"

[tags]
owner = "platform"
cost_center = "1234"
data_class = "internal"

[environments.dev]
account = "111111111111"
regions = ["us-east-1"]
log_retention_days = 30
ids = { graphql_api = { parameter = "GraphqlApiId" } }
`;

const BOARD = `
from obskit.deploy import aws
from obskit.deploy.specs import Dashboard, Graph, Section

API = Dashboard("api", "API", (Section("API", ((
    Graph("Latency", (aws.appsync("{graphql_api}").latency.p95.called("p95 \${LAST}, worst \${MAX}"),)),
),)),))
`;

/** The template of a small project, as obskit renders it now. */
function rendered(): string {
  const project = join(scratch, "project");
  mkdirSync(join(project, "dashboards"), { recursive: true });
  writeFileSync(join(project, "obskit.toml"), PROJECT);
  writeFileSync(join(project, "dashboards/api.py"), BOARD);
  const obskit = process.env.OBSKIT ?? join(__dirname, "../../../../.venv/bin/obskit");
  execFileSync(obskit, ["-C", project, "render", "--env", "dev"]);
  return join(project, "alarms/rendered/dev/us-east-1/shop.template.json");
}

/** What CloudFormation makes of text and functions, by its documentation: `${!x}` comes out as `${x}`. */
function resolved(value: any): string {
  if (typeof value === "string") return value;
  if (value["Fn::Join"]) return value["Fn::Join"][1].map(resolved).join(value["Fn::Join"][0]);
  const [text, values] = [value["Fn::Sub"]].flat();
  return text.replace(/\$\{(!?)([^}]*)\}/g, (_: string, mark: string, name: string) =>
    mark ? "${" + name + "}" : resolved(values[name]),
  );
}

test("a parameter of a rendered template is filled, and a label's own ${LAST} survives", () => {
  const template = synthesised(rendered(), { GraphqlApiId: "abc123", Unknown: "ignored" });

  const [board] = Object.values(template.findResources("AWS::CloudWatch::Dashboard"));
  const body = JSON.parse(resolved(board!.Properties.DashboardBody));
  const graph = body.widgets.find((one: any) => one.type === "metric");
  assert.deepEqual(template.toJSON().Parameters?.GraphqlApiId, undefined);
  assert.deepEqual(graph.properties.metrics[0].slice(0, 4), ["AWS/AppSync", "Latency", "GraphQLAPIId", "abc123"]);
  assert.equal(graph.properties.metrics[0][4].label, "p95 ${LAST}, worst ${MAX}");
});
