import { readFileSync } from "node:fs";
import { Stack, Tags, type StackProps } from "aws-cdk-lib";
import { CfnInclude } from "aws-cdk-lib/cloudformation-include";
import type { Construct } from "constructs";

export interface ObservabilityProps extends StackProps {
  /** A template that `obskit render` wrote: alarms/rendered/<env>/<region>/<name>.template.json. */
  readonly template: string;
  /** What the app knows and the template does not: ids of resources, by the template's own parameter names. */
  readonly ids?: Record<string, string>;
  /** On everything in the stack that can carry a tag and does not set it itself. */
  readonly tags: Record<string, string>;
}

/** Dashboards and alarms, rendered by obskit and deployed by CDK with the rest of the app. */
export class Observability extends Stack {
  readonly included: CfnInclude;

  constructor(scope: Construct, id: string, props: ObservabilityProps) {
    const { tags, ...stack } = props;
    super(scope, id, stack);
    this.included = new CfnInclude(this, "Rendered", {
      templateFile: props.template,
      parameters: known(props.template, props.ids ?? {}),
    });
    for (const [key, value] of Object.entries(tags)) {
      Tags.of(this).add(key, value, { priority: 50 }); // below a tag that the template sets itself
    }
  }
}

/** CfnInclude refuses a parameter that the template does not declare: one list of ids serves all templates. */
function known(template: string, ids: Record<string, string>): Record<string, string> {
  const declared = JSON.parse(readFileSync(template, "utf8")).Parameters ?? {};
  return Object.fromEntries(Object.entries(ids).filter(([name]) => name in declared));
}
