import assert from "node:assert/strict";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
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

test("a parameter is filled, and a label's own ${LAST} survives", () => {
  const body = JSON.stringify({
    widgets: [{ type: "metric", properties: { metrics: [["AWS/AppSync", "Latency", "GraphQLAPIId", "${GraphqlApi}", { label: "p95 ${!LAST}" }]] } }],
  });
  const file = join(scratch, "parameters.template.json");
  const dashboard = { Type: "AWS::CloudWatch::Dashboard", Properties: { DashboardBody: { "Fn::Sub": body } } };
  writeFileSync(file, JSON.stringify({ Parameters: { GraphqlApi: { Type: "String" } }, Resources: { Board: dashboard } }));

  const template = synthesised(file, { GraphqlApi: "abc123", Unknown: "ignored" });

  const [board] = Object.values(template.findResources("AWS::CloudWatch::Dashboard"));
  const text = JSON.stringify(board!.Properties.DashboardBody);
  assert.deepEqual(template.toJSON().Parameters?.GraphqlApi, undefined);
  assert.ok(text.includes("abc123"), text);
  assert.ok(text.includes("${!LAST}"), text);
});
