extension AWSModule {
    /// A topic with a queue for each subscriber.
    static let topic = AWSModule(
        "aws-topic",
        files: [
            "main.tf": versions + #"""
                resource "aws_sns_topic" "this" {
                  name              = var.name
                  kms_master_key_id = var.kms_key
                  tags              = var.tags
                }

                # Each subscriber has a queue of its own: what one has not read yet waits for it alone.
                resource "aws_sqs_queue" "this" {
                  for_each = var.subscribers

                  name                       = "${var.name}-${each.key}"
                  kms_master_key_id          = var.kms_key
                  message_retention_seconds  = var.keep
                  visibility_timeout_seconds = 60
                  receive_wait_time_seconds  = 20

                  redrive_policy = var.dead_letter ? jsonencode({
                    deadLetterTargetArn = aws_sqs_queue.dead[each.key].arn
                    maxReceiveCount     = 5
                  }) : null
                }

                # Refused five times, a message is put aside in place of being lost or coming back for ever.
                resource "aws_sqs_queue" "dead" {
                  for_each = var.dead_letter ? var.subscribers : []

                  name                      = "${var.name}-${each.key}-dead"
                  kms_master_key_id         = var.kms_key
                  message_retention_seconds = 1209600
                }

                resource "aws_sqs_queue_policy" "this" {
                  for_each = aws_sqs_queue.this

                  queue_url = each.value.id

                  policy = jsonencode({
                    Version = "2012-10-17"
                    Statement = [{
                      Sid       = "TheTopic"
                      Effect    = "Allow"
                      Principal = { Service = "sns.amazonaws.com" }
                      Action    = "sqs:SendMessage"
                      Resource  = each.value.arn
                      Condition = { ArnEquals = { "aws:SourceArn" = aws_sns_topic.this.arn } }
                    }]
                  })
                }

                resource "aws_sns_topic_subscription" "this" {
                  for_each = aws_sqs_queue.this

                  topic_arn            = aws_sns_topic.this.arn
                  protocol             = "sqs"
                  endpoint             = each.value.arn
                  raw_message_delivery = true
                }

                """#,
            "outputs.tf": #"""
            output "arn" {
              description = "Where publishers send."
              value       = aws_sns_topic.this.arn
            }

            output "queues" {
              description = "Where each subscriber reads."
              value       = { for name, queue in aws_sqs_queue.this : name => { arn = queue.arn, url = queue.url, name = queue.name } }
            }

            output "dead_queues" {
              description = "Names of the queues of what was refused."
              value       = [for queue in aws_sqs_queue.dead : queue.name]
            }

            """#,
            "variables.tf": #"""
            variable "name" {
              description = "The topic's name."
              type        = string
            }

            variable "subscribers" {
              description = "Services that read it."
              type        = set(string)
            }

            variable "dead_letter" {
              description = "Whether messages that were refused five times are kept."
              type        = bool
              default     = true
            }

            variable "keep" {
              description = "Seconds that an unread message stays."
              type        = number
              default     = 345600
            }

            variable "kms_key" {
              description = "Encrypts the messages."
              type        = string
            }

            variable "tags" {
              description = "Further tags."
              type        = map(string)
              default     = {}
            }

            """#,
        ])
}
