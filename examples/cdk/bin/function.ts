import { App, Duration, Stack, Tags, aws_lambda as lambda, aws_logs as logs } from "aws-cdk-lib";
import { Observability } from "../lib/observability"; // examples/cdk/lib/observability.ts, copied

const app = new App();
const tags = { env: "prod", service: "packing", owner: "logistics", cost_center: "42", data_class: "internal" };
new Observability(app, "parcels", {
  template: "../alarms/rendered/prod/eu-central-1/parcels.template.json",
  stackName: "parcels-prod",
  env: { account: "222222222222", region: "eu-central-1" },
  tags,
});

const stack = new Stack(app, "packing", { env: { account: "222222222222", region: "eu-central-1" } });
Object.entries(tags).forEach(([key, value]) => Tags.of(stack).add(key, value));
new lambda.Function(stack, "Packing", {
  functionName: "parcels-prod-packing", // as definitions call it: {project}-{env}-packing
  runtime: lambda.Runtime.PYTHON_3_13,
  handler: "handler.handler",
  code: lambda.Code.fromAsset("../build"),
  layers: [lambda.LayerVersion.fromLayerVersionArn(stack, "Obskit", "arn:aws:lambda:eu-central-1:222222222222:layer:obskit:1")],
  environment: { OBSKIT_ENV: "prod", OBSKIT_METRICS_NAMESPACE: "Parcels" },
  logGroup: logs.LogGroup.fromLogGroupName(stack, "Logs", "/aws/lambda/parcels-prod-packing"), // rendered, too: [logs]
  memorySize: 256,
  timeout: Duration.seconds(10),
  loggingFormat: lambda.LoggingFormat.JSON,
  applicationLogLevelV2: lambda.ApplicationLogLevel.INFO, // at WARN Lambda would drop every metric
});
app.synth();
