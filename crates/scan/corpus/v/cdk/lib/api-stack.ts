import * as cdk from 'aws-cdk-lib';
import * as lambda from 'aws-cdk-lib/aws-lambda';
import { Construct } from 'constructs';

export class ApiStack extends cdk.Stack {
  constructor(scope: Construct, id: string, props?: cdk.StackProps) {
    super(scope, id, props);
    const secret = new secretsmanager.Secret(this, 'JwtSecret', {
      secretName: 'api/jwt-secret',
      generateSecretString: { passwordLength: 64 },
    });
    new lambda.Function(this, 'Login', {
      runtime: lambda.Runtime.NODEJS_20_X,
      code: lambda.Code.fromAsset('dist'),
      handler: 'login.handler',
      environment: {
        TABLE: 'users',
        JWT_SECRET: process.env.JWT_SECRET || 'cdk-fallback-secret',
        JWT_SECRET_ARN: secret.secretArn,
      },
    });
  }
}
