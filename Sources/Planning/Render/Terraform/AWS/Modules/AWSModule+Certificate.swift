extension AWSModule {
    /// A certificate of AWS's own, proven by DNS and renewed by itself.
    static let certificate = AWSModule(
        "aws-certificate",
        files: [
            "main.tf": versions + #"""
                # The certificate, renewed by AWS as long as its records stand.
                resource "aws_acm_certificate" "this" {
                  domain_name               = var.hosts[0]
                  subject_alternative_names = slice(var.hosts, 1, length(var.hosts))
                  validation_method         = "DNS"

                  lifecycle {
                    create_before_destroy = true
                  }
                }

                resource "aws_route53_record" "validation" {
                  for_each = {
                    for proof in aws_acm_certificate.this.domain_validation_options : proof.domain_name => proof
                  }

                  zone_id         = var.zone
                  name            = each.value.resource_record_name
                  type            = each.value.resource_record_type
                  records         = [each.value.resource_record_value]
                  ttl             = 300
                  allow_overwrite = true
                }

                resource "aws_acm_certificate_validation" "this" {
                  certificate_arn         = aws_acm_certificate.this.arn
                  validation_record_fqdns = [for record in aws_route53_record.validation : record.fqdn]
                }

                """#,
            "outputs.tf": #"""
            output "arn" {
              description = "The certificate, once it is there."
              value       = aws_acm_certificate_validation.this.certificate_arn
            }

            """#,
            "variables.tf": #"""
            variable "hosts" {
              description = "The names that it proves."
              type        = list(string)
            }

            variable "zone" {
              description = "The hosted zone of the names."
              type        = string
            }

            """#,
        ])
}
