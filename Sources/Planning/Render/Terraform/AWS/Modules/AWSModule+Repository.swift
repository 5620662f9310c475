extension AWSModule {
    /// Where images of one source are pushed.
    static let repository = AWSModule(
        "aws-repository",
        files: [
            "main.tf": versions + #"""
                resource "aws_ecr_repository" "this" {
                  name                 = var.name
                  image_tag_mutability = "IMMUTABLE"

                  image_scanning_configuration {
                    scan_on_push = true
                  }

                  encryption_configuration {
                    encryption_type = "KMS"
                    kms_key         = var.kms_key
                  }
                }

                resource "aws_ecr_lifecycle_policy" "this" {
                  repository = aws_ecr_repository.this.name

                  policy = jsonencode({
                    rules = [{
                      rulePriority = 1
                      description  = "Older images cannot be gone back to"
                      selection    = { tagStatus = "any", countType = "imageCountMoreThan", countNumber = var.keep }
                      action       = { type = "expire" }
                    }]
                  })
                }

                """#,
            "outputs.tf": #"""
            output "arn" {
              description = "The repository."
              value       = aws_ecr_repository.this.arn
            }

            output "url" {
              description = "An image's name without its tag."
              value       = aws_ecr_repository.this.repository_url
            }

            """#,
            "variables.tf": #"""
            variable "name" {
              description = "Platform, environment and image."
              type        = string
            }

            variable "keep" {
              description = "How many images stay."
              type        = number
              default     = 30
            }

            variable "kms_key" {
              description = "Encrypts the images."
              type        = string
            }

            """#,
        ])
}
