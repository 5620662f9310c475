extension AWSModule {
    /// Who signs the certificates that services know each other by.
    static let mesh = AWSModule(
        "aws-mesh",
        files: [
            "main.tf": versions + #"""
                data "aws_partition" "this" {}

                # Certificates of a few days, which ECS gives to the proxies and renews: nobody revokes them, so this form of authority
                # suffices, at an eighth of the other's price.
                resource "aws_acmpca_certificate_authority" "this" {
                  type       = "ROOT"
                  usage_mode = "SHORT_LIVED_CERTIFICATE"

                  certificate_authority_configuration {
                    key_algorithm     = "EC_prime256v1"
                    signing_algorithm = "SHA256WITHECDSA"

                    subject {
                      common_name = var.name
                    }
                  }

                  # ECS may only use an authority that says so.
                  tags = { AmazonECSManaged = "true" }
                }

                resource "aws_acmpca_certificate" "this" {
                  certificate_authority_arn   = aws_acmpca_certificate_authority.this.arn
                  certificate_signing_request = aws_acmpca_certificate_authority.this.certificate_signing_request
                  signing_algorithm           = "SHA256WITHECDSA"
                  template_arn                = "arn:${data.aws_partition.this.partition}:acm-pca:::template/RootCACertificate/V1"

                  validity {
                    type  = "YEARS"
                    value = 10
                  }
                }

                resource "aws_acmpca_certificate_authority_certificate" "this" {
                  certificate_authority_arn = aws_acmpca_certificate_authority.this.arn
                  certificate               = aws_acmpca_certificate.this.certificate
                  certificate_chain         = aws_acmpca_certificate.this.certificate_chain
                }

                resource "aws_iam_role" "this" {
                  name = "${var.name}-mesh"

                  assume_role_policy = jsonencode({
                    Version = "2012-10-17"
                    Statement = [{
                      Effect    = "Allow"
                      Action    = "sts:AssumeRole"
                      Principal = { Service = "ecs.amazonaws.com" }
                    }]
                  })
                }

                resource "aws_iam_role_policy_attachment" "this" {
                  role       = aws_iam_role.this.name
                  policy_arn = "arn:aws:iam::aws:policy/service-role/AmazonECSInfrastructureRolePolicyForServiceConnectTransportLayerSecurity"
                }

                resource "aws_iam_role_policy" "this" {
                  name = "key"
                  role = aws_iam_role.this.id

                  policy = jsonencode({
                    Version = "2012-10-17"
                    Statement = [{
                      Effect   = "Allow"
                      Action   = ["kms:Decrypt", "kms:Encrypt", "kms:GenerateDataKey", "kms:GenerateDataKeyPair"]
                      Resource = var.kms_key
                    }]
                  })
                }

                """#,
            "outputs.tf": #"""
            output "authority" {
              description = "Who signs the certificates of services."
              value       = aws_acmpca_certificate_authority_certificate.this.certificate_authority_arn
            }

            output "role" {
              description = "As whom ECS renews them."
              value       = aws_iam_role.this.arn
            }

            """#,
            "variables.tf": #"""
            variable "name" {
              description = "Platform and environment."
              type        = string
            }

            variable "kms_key" {
              description = "Encrypts the certificates' keys."
              type        = string
            }

            """#,
        ])
}
