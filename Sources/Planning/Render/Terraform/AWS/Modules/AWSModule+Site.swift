extension AWSModule {
    /// Static files behind the content network.
    static let site = AWSModule(
        "aws-site",
        files: [
            "main.tf": versions + #"""
                data "aws_caller_identity" "this" {}

                # The files, written by the pipeline. What a browser may read needs no key of one's own.
                resource "aws_s3_bucket" "this" {
                  bucket = "${var.name}-${data.aws_caller_identity.this.account_id}"
                }

                resource "aws_s3_bucket_public_access_block" "this" {
                  bucket = aws_s3_bucket.this.id

                  block_public_acls       = true
                  block_public_policy     = true
                  ignore_public_acls      = true
                  restrict_public_buckets = true
                }

                resource "aws_s3_bucket_server_side_encryption_configuration" "this" {
                  bucket = aws_s3_bucket.this.id

                  rule {
                    apply_server_side_encryption_by_default {
                      sse_algorithm = "AES256"
                    }
                  }
                }

                # A release that is returned finds its files.
                resource "aws_s3_bucket_versioning" "this" {
                  bucket = aws_s3_bucket.this.id

                  versioning_configuration {
                    status = "Enabled"
                  }
                }

                resource "aws_s3_bucket_lifecycle_configuration" "this" {
                  bucket = aws_s3_bucket.this.id

                  rule {
                    id     = "old-versions"
                    status = "Enabled"

                    filter {}

                    noncurrent_version_expiration {
                      noncurrent_days = 30
                    }

                    abort_incomplete_multipart_upload {
                      days_after_initiation = 7
                    }
                  }

                  depends_on = [aws_s3_bucket_versioning.this]
                }

                resource "aws_s3_bucket_policy" "this" {
                  bucket = aws_s3_bucket.this.id

                  policy = jsonencode({
                    Version = "2012-10-17"
                    Statement = [
                      {
                        Sid       = "OnlyOverTLS"
                        Effect    = "Deny"
                        Principal = "*"
                        Action    = "s3:*"
                        Resource  = [aws_s3_bucket.this.arn, "${aws_s3_bucket.this.arn}/*"]
                        Condition = { Bool = { "aws:SecureTransport" = "false" } }
                      },
                      {
                        Sid       = "OnlyThisContentNetwork"
                        Effect    = "Allow"
                        Principal = { Service = "cloudfront.amazonaws.com" }
                        Action    = "s3:GetObject"
                        Resource  = "${aws_s3_bucket.this.arn}/*"
                        Condition = { StringEquals = { "aws:SourceArn" = aws_cloudfront_distribution.this.arn } }
                      },
                    ]
                  })

                  depends_on = [aws_s3_bucket_public_access_block.this]
                }

                resource "aws_cloudfront_origin_access_control" "this" {
                  name                              = var.name
                  origin_access_control_origin_type = "s3"
                  signing_behavior                  = "always"
                  signing_protocol                  = "sigv4"
                }

                resource "aws_cloudfront_response_headers_policy" "this" {
                  name = var.name

                  security_headers_config {
                    strict_transport_security {
                      access_control_max_age_sec = var.hsts_seconds
                      include_subdomains         = true
                      override                   = true
                    }

                    content_type_options {
                      override = true
                    }

                    frame_options {
                      frame_option = "DENY"
                      override     = false
                    }

                    referrer_policy {
                      referrer_policy = "strict-origin-when-cross-origin"
                      override        = false
                    }
                  }
                }

                resource "aws_cloudfront_distribution" "this" {
                  comment             = var.name
                  enabled             = true
                  is_ipv6_enabled     = true
                  http_version        = "http2and3"
                  aliases             = var.hosts
                  default_root_object = "index.html"
                  price_class         = "PriceClass_100"

                  origin {
                    origin_id                = "files"
                    domain_name              = aws_s3_bucket.this.bucket_regional_domain_name
                    origin_access_control_id = aws_cloudfront_origin_access_control.this.id
                  }

                  default_cache_behavior {
                    target_origin_id           = "files"
                    viewer_protocol_policy     = "redirect-to-https"
                    allowed_methods            = ["GET", "HEAD", "OPTIONS"]
                    cached_methods             = ["GET", "HEAD"]
                    compress                   = true
                    response_headers_policy_id = aws_cloudfront_response_headers_policy.this.id

                    # AWS's own "CachingOptimized".
                    cache_policy_id = "658327ea-f89d-4fab-a63d-7e88639e58f6"
                  }

                  # Paths that are no file are the browser's to understand. S3 says 403 of what is not there.
                  dynamic "custom_error_response" {
                    for_each = var.spa ? [403, 404] : []

                    content {
                      error_code         = custom_error_response.value
                      response_code      = 200
                      response_page_path = "/index.html"
                    }
                  }

                  viewer_certificate {
                    acm_certificate_arn      = var.certificate
                    minimum_protocol_version = "TLSv1.2_2021"
                    ssl_support_method       = "sni-only"
                  }

                  restrictions {
                    geo_restriction {
                      restriction_type = "none"
                    }
                  }
                }

                resource "aws_route53_record" "host" {
                  for_each = { for pair in setproduct(var.hosts, ["A", "AAAA"]) : "${pair[0]} ${pair[1]}" => pair }

                  zone_id = var.zone
                  name    = each.value[0]
                  type    = each.value[1]

                  alias {
                    name                   = aws_cloudfront_distribution.this.domain_name
                    zone_id                = aws_cloudfront_distribution.this.hosted_zone_id
                    evaluate_target_health = false
                  }
                }

                """#,
            "outputs.tf": #"""
            output "bucket" {
              description = "Where the pipeline writes the files."
              value       = aws_s3_bucket.this.bucket
            }

            output "distribution" {
              description = "Whose copies a release drops."
              value       = aws_cloudfront_distribution.this.id
            }

            """#,
            "variables.tf": #"""
            variable "name" {
              description = "Platform, environment and site."
              type        = string
            }

            variable "hosts" {
              description = "The names that it is shown under."
              type        = list(string)
            }

            variable "certificate" {
              description = "Proves the names; it stands in us-east-1."
              type        = string
            }

            variable "zone" {
              description = "The hosted zone of the names."
              type        = string
            }

            variable "spa" {
              description = "Whether unknown paths are answered with index.html."
              type        = bool
              default     = false
            }

            variable "hsts_seconds" {
              description = "How long browsers come back over TLS only."
              type        = number
            }

            """#,
        ])
}
