extension AWSModule {
    /// A bucket.
    static let bucket = AWSModule(
        "aws-bucket",
        files: [
            "main.tf": versions + #"""
                data "aws_caller_identity" "this" {}

                # Names of buckets are the whole world's: the account's number makes this one ours.
                resource "aws_s3_bucket" "this" {
                  bucket = "${var.name}-${data.aws_caller_identity.this.account_id}"
                  tags   = var.tags
                }

                resource "aws_s3_bucket_public_access_block" "this" {
                  bucket = aws_s3_bucket.this.id

                  block_public_acls       = true
                  block_public_policy     = true
                  ignore_public_acls      = true
                  restrict_public_buckets = true
                }

                resource "aws_s3_bucket_ownership_controls" "this" {
                  bucket = aws_s3_bucket.this.id

                  rule {
                    object_ownership = "BucketOwnerEnforced"
                  }
                }

                resource "aws_s3_bucket_server_side_encryption_configuration" "this" {
                  bucket = aws_s3_bucket.this.id

                  rule {
                    bucket_key_enabled = true

                    apply_server_side_encryption_by_default {
                      sse_algorithm     = "aws:kms"
                      kms_master_key_id = var.kms_key
                    }
                  }
                }

                resource "aws_s3_bucket_versioning" "this" {
                  bucket = aws_s3_bucket.this.id

                  versioning_configuration {
                    status = var.versioned ? "Enabled" : "Suspended"
                  }
                }

                resource "aws_s3_bucket_lifecycle_configuration" "this" {
                  bucket = aws_s3_bucket.this.id

                  rule {
                    id     = "unfinished"
                    status = "Enabled"

                    filter {}

                    abort_incomplete_multipart_upload {
                      days_after_initiation = 7
                    }
                  }

                  dynamic "rule" {
                    for_each = var.keep_days == null ? [] : [var.keep_days]

                    content {
                      id     = "keep"
                      status = "Enabled"

                      filter {}

                      expiration {
                        days = rule.value
                      }
                    }
                  }

                  dynamic "rule" {
                    for_each = var.versioned ? [var.old_days] : []

                    content {
                      id     = "old-versions"
                      status = "Enabled"

                      filter {}

                      noncurrent_version_expiration {
                        noncurrent_days = rule.value
                      }
                    }
                  }

                  depends_on = [aws_s3_bucket_versioning.this]
                }

                resource "aws_s3_bucket_policy" "this" {
                  bucket = aws_s3_bucket.this.id

                  policy = jsonencode({
                    Version = "2012-10-17"
                    Statement = [{
                      Sid       = "OnlyOverTLS"
                      Effect    = "Deny"
                      Principal = "*"
                      Action    = "s3:*"
                      Resource  = [aws_s3_bucket.this.arn, "${aws_s3_bucket.this.arn}/*"]
                      Condition = { Bool = { "aws:SecureTransport" = "false" } }
                    }]
                  })

                  depends_on = [aws_s3_bucket_public_access_block.this]
                }

                # A second copy of every object in another region.
                resource "aws_s3_bucket_replication_configuration" "this" {
                  count = var.copy == null ? 0 : 1

                  bucket = aws_s3_bucket.this.id
                  role   = aws_iam_role.copy[0].arn

                  rule {
                    id     = "copy"
                    status = "Enabled"

                    filter {}

                    # What is removed here by mistake stays there.
                    delete_marker_replication {
                      status = "Disabled"
                    }

                    source_selection_criteria {
                      sse_kms_encrypted_objects {
                        status = "Enabled"
                      }
                    }

                    destination {
                      bucket        = var.copy.bucket
                      storage_class = "STANDARD_IA"

                      encryption_configuration {
                        replica_kms_key_id = var.copy.kms_key
                      }
                    }
                  }

                  depends_on = [aws_s3_bucket_versioning.this]
                }

                resource "aws_iam_role" "copy" {
                  count = var.copy == null ? 0 : 1

                  name = "${var.name}-copy"

                  assume_role_policy = jsonencode({
                    Version = "2012-10-17"
                    Statement = [{
                      Effect    = "Allow"
                      Action    = "sts:AssumeRole"
                      Principal = { Service = "s3.amazonaws.com" }
                      Condition = { StringEquals = { "aws:SourceAccount" = data.aws_caller_identity.this.account_id } }
                    }]
                  })
                }

                resource "aws_iam_role_policy" "copy" {
                  count = var.copy == null ? 0 : 1

                  name = "copy"
                  role = aws_iam_role.copy[0].id

                  policy = jsonencode({
                    Version = "2012-10-17"
                    Statement = [
                      {
                        Effect   = "Allow"
                        Action   = ["s3:GetReplicationConfiguration", "s3:ListBucket"]
                        Resource = aws_s3_bucket.this.arn
                      },
                      {
                        Effect   = "Allow"
                        Action   = ["s3:GetObjectVersionForReplication", "s3:GetObjectVersionAcl", "s3:GetObjectVersionTagging"]
                        Resource = "${aws_s3_bucket.this.arn}/*"
                      },
                      {
                        Effect   = "Allow"
                        Action   = ["s3:ReplicateObject", "s3:ReplicateTags"]
                        Resource = "${var.copy.bucket}/*"
                      },
                      { Effect = "Allow", Action = "kms:Decrypt", Resource = var.kms_key },
                      { Effect = "Allow", Action = "kms:Encrypt", Resource = var.copy.kms_key },
                    ]
                  })
                }

                """#,
            "outputs.tf": #"""
            output "name" {
              description = "The bucket's name."
              value       = aws_s3_bucket.this.bucket
            }

            output "arn" {
              description = "The bucket."
              value       = aws_s3_bucket.this.arn
            }

            output "domain" {
              description = "The bucket's address."
              value       = aws_s3_bucket.this.bucket_regional_domain_name
            }

            """#,
            "variables.tf": #"""
            variable "name" {
              description = "Platform, environment and bucket."
              type        = string
            }

            variable "versioned" {
              description = "Whether old versions of objects stay."
              type        = bool
              default     = false
            }

            variable "old_days" {
              description = "Days that an old version stays."
              type        = number
              default     = 90
            }

            variable "keep_days" {
              description = "Days after which objects are removed; null keeps them."
              type        = number
              default     = null
            }

            variable "kms_key" {
              description = "Encrypts the objects."
              type        = string
            }

            variable "tags" {
              description = "Further tags."
              type        = map(string)
              default     = {}
            }

            variable "copy" {
              description = "A bucket of another region that holds a second copy."
              type        = object({ bucket = string, kms_key = string })
              default     = null
            }

            """#,
        ])
}
