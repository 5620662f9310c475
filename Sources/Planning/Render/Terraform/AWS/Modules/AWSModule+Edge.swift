extension AWSModule {
    /// The load balancer with its certificate, names and log.
    static let edge = AWSModule(
        "aws-edge",
        files: [
            "main.tf": versions + #"""
                data "aws_caller_identity" "this" {}

                resource "aws_security_group" "this" {
                  name        = "${var.name}-edge"
                  description = "The load balancer, the only way in"
                  vpc_id      = var.vpc
                }

                resource "aws_vpc_security_group_ingress_rule" "this" {
                  for_each = { http = 80, https = 443 }

                  security_group_id = aws_security_group.this.id
                  description       = "The world, by ${each.key}"
                  cidr_ipv4         = "0.0.0.0/0"
                  ip_protocol       = "tcp"
                  from_port         = each.value
                  to_port           = each.value
                }

                resource "aws_lb" "this" {
                  name               = var.short_name
                  load_balancer_type = "application"
                  subnets            = var.subnets
                  security_groups    = [aws_security_group.this.id]

                  drop_invalid_header_fields = true
                  enable_deletion_protection = true

                  access_logs {
                    bucket  = aws_s3_bucket.logs.bucket
                    enabled = true
                  }

                  depends_on = [aws_s3_bucket_policy.logs]
                }

                resource "aws_lb_listener" "http" {
                  load_balancer_arn = aws_lb.this.arn
                  port              = 80
                  protocol          = "HTTP"

                  default_action {
                    type = "redirect"

                    redirect {
                      port        = "443"
                      protocol    = "HTTPS"
                      status_code = "HTTP_301"
                    }
                  }
                }

                resource "aws_lb_listener" "https" {
                  load_balancer_arn = aws_lb.this.arn
                  port              = 443
                  protocol          = "HTTPS"
                  ssl_policy        = var.tls_policy
                  certificate_arn   = module.certificate.arn

                  routing_http_response_strict_transport_security_header_value = var.hsts
                  routing_http_response_server_enabled                         = false

                  # What no service shows is not there.
                  default_action {
                    type = "fixed-response"

                    fixed_response {
                      content_type = "text/plain"
                      message_body = "not found"
                      status_code  = "404"
                    }
                  }
                }

                module "certificate" {
                  source = "../aws-certificate"

                  hosts = var.hosts
                  zone  = var.zone
                }

                resource "aws_route53_record" "host" {
                  for_each = toset(var.hosts)

                  zone_id        = var.zone
                  name           = each.value
                  type           = "A"
                  set_identifier = var.failover == null ? null : var.name

                  alias {
                    name                   = aws_lb.this.dns_name
                    zone_id                = aws_lb.this.zone_id
                    evaluate_target_health = true
                  }

                  # Names are answered with the secondary's address while the primary has no healthy target.
                  dynamic "failover_routing_policy" {
                    for_each = var.failover == null ? [] : [var.failover]

                    content {
                      type = failover_routing_policy.value
                    }
                  }
                }

                # Who asked for what. The load balancer writes with S3's own key only.
                resource "aws_s3_bucket" "logs" {
                  bucket = "${var.name}-edge-logs-${data.aws_caller_identity.this.account_id}"
                }

                resource "aws_s3_bucket_public_access_block" "logs" {
                  bucket = aws_s3_bucket.logs.id

                  block_public_acls       = true
                  block_public_policy     = true
                  ignore_public_acls      = true
                  restrict_public_buckets = true
                }

                resource "aws_s3_bucket_server_side_encryption_configuration" "logs" {
                  bucket = aws_s3_bucket.logs.id

                  rule {
                    apply_server_side_encryption_by_default {
                      sse_algorithm = "AES256"
                    }
                  }
                }

                resource "aws_s3_bucket_lifecycle_configuration" "logs" {
                  bucket = aws_s3_bucket.logs.id

                  rule {
                    id     = "keep"
                    status = "Enabled"

                    filter {}

                    expiration {
                      days = var.logs_keep
                    }

                    abort_incomplete_multipart_upload {
                      days_after_initiation = 7
                    }
                  }
                }

                resource "aws_s3_bucket_policy" "logs" {
                  bucket = aws_s3_bucket.logs.id

                  policy = jsonencode({
                    Version = "2012-10-17"
                    Statement = [
                      {
                        Sid       = "OnlyOverTLS"
                        Effect    = "Deny"
                        Principal = "*"
                        Action    = "s3:*"
                        Resource  = [aws_s3_bucket.logs.arn, "${aws_s3_bucket.logs.arn}/*"]
                        Condition = { Bool = { "aws:SecureTransport" = "false" } }
                      },
                      {
                        Sid       = "TheLoadBalancer"
                        Effect    = "Allow"
                        Principal = { Service = "logdelivery.elasticloadbalancing.amazonaws.com" }
                        Action    = "s3:PutObject"
                        Resource  = "${aws_s3_bucket.logs.arn}/AWSLogs/${data.aws_caller_identity.this.account_id}/*"
                      },
                    ]
                  })

                  depends_on = [aws_s3_bucket_public_access_block.logs]
                }

                """#,
            "outputs.tf": #"""
            output "arn" {
              description = "The load balancer."
              value       = aws_lb.this.arn
            }

            output "metric" {
              description = "The load balancer, as metrics name it."
              value       = aws_lb.this.arn_suffix
            }

            output "listener" {
              description = "Where services are shown."
              value       = aws_lb_listener.https.arn
            }

            output "security_group" {
              description = "Where requests come from."
              value       = aws_security_group.this.id
            }

            """#,
            "variables.tf": #"""
            variable "name" {
              description = "Platform and environment."
              type        = string
            }

            variable "short_name" {
              description = "The same in at most 32 characters."
              type        = string
            }

            variable "vpc" {
              description = "The network."
              type        = string
            }

            variable "subnets" {
              description = "Public subnets in at least two zones."
              type        = list(string)
            }

            variable "zone" {
              description = "The hosted zone of the names."
              type        = string
            }

            variable "hosts" {
              description = "The names that services are shown under."
              type        = list(string)
            }

            variable "tls_policy" {
              description = "Versions and ciphers of TLS."
              type        = string
            }

            variable "hsts" {
              description = "What browsers are told about coming back over TLS."
              type        = string
            }

            variable "failover" {
              description = "PRIMARY or SECONDARY where another environment shares the names."
              type        = string
              default     = null
            }

            variable "logs_keep" {
              description = "Days that logs stay."
              type        = number
            }

            """#,
        ])
}
