import * as aws from '@pulumi/aws';
import * as pulumi from '@pulumi/pulumi';

const cfg = new pulumi.Config();
const jwtSecret = cfg.requireSecret('jwtSecret');

const refresh = new aws.ssm.Parameter('jwtRefreshSecret', {
  type: 'SecureString',
  value: 'O4D4QMRHv2znBfWMNEZr3n8MOdz4BlDsaMOV',
});

const fn = new aws.lambda.Function('api', {
  runtime: 'nodejs20.x',
  handler: 'index.handler',
  role: role.arn,
  environment: {
    variables: {
      JWT_SECRET: jwtSecret,
      JWT_ISSUER: 'api.acme.io',
    },
  },
});
