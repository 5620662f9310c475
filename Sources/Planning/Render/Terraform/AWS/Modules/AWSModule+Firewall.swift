extension AWSModule {
    /// What refuses requests at the load balancer: too many, or attacks.
    static let firewall = AWSModule(
        "aws-firewall",
        files: [
            "main.tf": versions + #"""
                locals {
                  groups = ["AWSManagedRulesCommonRuleSet", "AWSManagedRulesKnownBadInputsRuleSet", "AWSManagedRulesSQLiRuleSet"]
                  filters = flatten([
                    for host in var.filtered_hosts : [for group in local.groups : { host = host, group = group }]
                  ])
                }

                resource "aws_wafv2_web_acl" "this" {
                  name  = var.name
                  scope = "REGIONAL"

                  default_action {
                    allow {}
                  }

                  # Too many requests of one address are answered 429 until it asks less.
                  dynamic "rule" {
                    for_each = var.rates

                    content {
                      name     = "rate-${rule.key}"
                      priority = rule.key

                      action {
                        block {
                          custom_response {
                            response_code = 429
                          }
                        }
                      }

                      statement {
                        rate_based_statement {
                          limit                 = rule.value.limit
                          evaluation_window_sec = 60
                          aggregate_key_type    = "IP"

                          scope_down_statement {
                            and_statement {
                              statement {
                                byte_match_statement {
                                  search_string         = rule.value.host
                                  positional_constraint = "EXACTLY"

                                  field_to_match {
                                    single_header {
                                      name = "host"
                                    }
                                  }

                                  text_transformation {
                                    priority = 0
                                    type     = "LOWERCASE"
                                  }
                                }
                              }

                              statement {
                                byte_match_statement {
                                  search_string         = rule.value.path
                                  positional_constraint = "STARTS_WITH"

                                  field_to_match {
                                    uri_path {}
                                  }

                                  text_transformation {
                                    priority = 0
                                    type     = "NONE"
                                  }
                                }
                              }
                            }
                          }
                        }
                      }

                      visibility_config {
                        cloudwatch_metrics_enabled = true
                        metric_name                = "${var.name}-rate-${rule.key}"
                        sampled_requests_enabled   = true
                      }
                    }
                  }

                  # Requests that look like attacks are answered 403.
                  dynamic "rule" {
                    for_each = local.filters

                    content {
                      name     = "filter-${rule.key}"
                      priority = 100 + rule.key

                      override_action {
                        none {}
                      }

                      statement {
                        managed_rule_group_statement {
                          name        = rule.value.group
                          vendor_name = "AWS"

                          # It refuses every body above 8 KiB, which uploads are.
                          dynamic "rule_action_override" {
                            for_each = rule.value.group == "AWSManagedRulesCommonRuleSet" ? ["SizeRestrictions_BODY"] : []

                            content {
                              name = rule_action_override.value

                              action_to_use {
                                count {}
                              }
                            }
                          }

                          scope_down_statement {
                            byte_match_statement {
                              search_string         = rule.value.host
                              positional_constraint = "EXACTLY"

                              field_to_match {
                                single_header {
                                  name = "host"
                                }
                              }

                              text_transformation {
                                priority = 0
                                type     = "LOWERCASE"
                              }
                            }
                          }
                        }
                      }

                      visibility_config {
                        cloudwatch_metrics_enabled = true
                        metric_name                = "${var.name}-filter-${rule.key}"
                        sampled_requests_enabled   = true
                      }
                    }
                  }

                  visibility_config {
                    cloudwatch_metrics_enabled = true
                    metric_name                = var.name
                    sampled_requests_enabled   = true
                  }
                }

                resource "aws_wafv2_web_acl_association" "this" {
                  resource_arn = var.load_balancer
                  web_acl_arn  = aws_wafv2_web_acl.this.arn
                }

                # WAF takes no log group whose name does not begin like this.
                resource "aws_cloudwatch_log_group" "this" {
                  name              = "aws-waf-logs-${var.name}"
                  retention_in_days = var.logs_keep
                  kms_key_id        = var.kms_key
                }

                resource "aws_wafv2_web_acl_logging_configuration" "this" {
                  resource_arn            = aws_wafv2_web_acl.this.arn
                  log_destination_configs = [aws_cloudwatch_log_group.this.arn]

                  redacted_fields {
                    single_header {
                      name = "authorization"
                    }
                  }

                  redacted_fields {
                    single_header {
                      name = "cookie"
                    }
                  }
                }

                """#,
            "variables.tf": #"""
            variable "name" {
              description = "Platform and environment."
              type        = string
            }

            variable "load_balancer" {
              description = "What it stands before."
              type        = string
            }

            variable "rates" {
              description = "Most requests a minute of one address, by host and path."
              type        = list(object({ host = string, path = string, limit = number }))
              default     = []
            }

            variable "filtered_hosts" {
              description = "Hosts whose requests are looked into."
              type        = list(string)
              default     = []
            }

            variable "logs_keep" {
              description = "Days that logs stay."
              type        = number
            }

            variable "kms_key" {
              description = "Encrypts the logs."
              type        = string
            }

            """#,
        ])
}
