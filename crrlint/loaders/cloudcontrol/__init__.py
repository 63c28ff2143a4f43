"""Resources in CloudFormation's schema that stand in no template.

Terraform's `awscc` provider and Pulumi's `aws-native` are made from that schema: they
have its members under names in another case, and policies as JSON or as data.
"""
