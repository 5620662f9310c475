extension AWSModule {
    /// A network over several zones, with AWS's own services inside and a way out only where one is asked for.
    static let network = AWSModule(
        "aws-network",
        files: [
            "main.tf": versions + #"""
                # Those that every account has: local zones and the like have to be asked for, and would change what comes first.
                data "aws_availability_zones" "this" {
                  state = "available"

                  filter {
                    name   = "opt-in-status"
                    values = ["opt-in-not-required"]
                  }
                }

                data "aws_region" "this" {}

                locals {
                  zones = slice(data.aws_availability_zones.this.names, 0, var.zones)
                  ways  = { none = 0, one = 1, each = var.zones }[var.nat]

                  filters = length(var.hosts) > 0
                }

                resource "aws_vpc" "this" {
                  cidr_block           = var.cidr
                  enable_dns_support   = true
                  enable_dns_hostnames = true
                  tags                 = { Name = var.name }
                }

                # What is created without naming a group must not be reachable by accident.
                resource "aws_default_security_group" "this" {
                  vpc_id = aws_vpc.this.id
                }

                resource "aws_internet_gateway" "this" {
                  vpc_id = aws_vpc.this.id
                  tags   = { Name = var.name }
                }

                resource "aws_subnet" "public" {
                  count = var.zones

                  vpc_id            = aws_vpc.this.id
                  availability_zone = local.zones[count.index]
                  cidr_block        = cidrsubnet(var.cidr, 8, count.index)
                  tags              = { Name = "${var.name}-public-${local.zones[count.index]}" }
                }

                resource "aws_subnet" "private" {
                  count = var.zones

                  vpc_id            = aws_vpc.this.id
                  availability_zone = local.zones[count.index]
                  cidr_block        = cidrsubnet(var.cidr, 4, count.index + 1)
                  tags              = { Name = "${var.name}-private-${local.zones[count.index]}" }
                }

                resource "aws_route_table" "public" {
                  vpc_id = aws_vpc.this.id
                  tags   = { Name = "${var.name}-public" }
                }

                resource "aws_route" "public" {
                  route_table_id         = aws_route_table.public.id
                  destination_cidr_block = "0.0.0.0/0"
                  gateway_id             = aws_internet_gateway.this.id
                }

                resource "aws_route_table_association" "public" {
                  count = var.zones

                  subnet_id      = aws_subnet.public[count.index].id
                  route_table_id = aws_route_table.public.id
                }

                resource "aws_route_table" "private" {
                  count = var.zones

                  vpc_id = aws_vpc.this.id
                  tags   = { Name = "${var.name}-private-${local.zones[count.index]}" }
                }

                resource "aws_route_table_association" "private" {
                  count = var.zones

                  subnet_id      = aws_subnet.private[count.index].id
                  route_table_id = aws_route_table.private[count.index].id
                }

                # The way out, for services that name hosts under `egress`; without any there is none.
                resource "aws_eip" "nat" {
                  count = local.ways

                  domain = "vpc"
                  tags   = { Name = "${var.name}-nat-${local.zones[count.index]}" }
                }

                resource "aws_nat_gateway" "this" {
                  count = local.ways

                  allocation_id = aws_eip.nat[count.index].id
                  subnet_id     = aws_subnet.public[count.index].id
                  tags          = { Name = "${var.name}-${local.zones[count.index]}" }

                  depends_on = [aws_internet_gateway.this]
                }

                resource "aws_route" "private" {
                  count = var.nat == "none" ? 0 : var.zones

                  route_table_id         = aws_route_table.private[count.index].id
                  destination_cidr_block = "0.0.0.0/0"
                  nat_gateway_id         = aws_nat_gateway.this[count.index % local.ways].id
                }

                # AWS's own services are reached without leaving the network.
                resource "aws_vpc_endpoint" "s3" {
                  vpc_id            = aws_vpc.this.id
                  service_name      = "com.amazonaws.${data.aws_region.this.name}.s3"
                  vpc_endpoint_type = "Gateway"
                  route_table_ids   = aws_route_table.private[*].id
                  tags              = { Name = "${var.name}-s3" }
                }

                resource "aws_security_group" "endpoints" {
                  name        = "${var.name}-endpoints"
                  description = "AWS's own services, for everything in the network"
                  vpc_id      = aws_vpc.this.id
                }

                resource "aws_vpc_security_group_ingress_rule" "endpoints" {
                  security_group_id = aws_security_group.endpoints.id
                  description       = "From the network"
                  cidr_ipv4         = var.cidr
                  ip_protocol       = "tcp"
                  from_port         = 443
                  to_port           = 443
                }

                resource "aws_vpc_endpoint" "interface" {
                  for_each = var.endpoints

                  vpc_id              = aws_vpc.this.id
                  service_name        = "com.amazonaws.${data.aws_region.this.name}.${each.value}"
                  vpc_endpoint_type   = "Interface"
                  subnet_ids          = aws_subnet.private[*].id
                  security_group_ids  = [aws_security_group.endpoints.id]
                  private_dns_enabled = true
                  tags                = { Name = "${var.name}-${each.value}" }
                }

                # Who spoke with whom.
                resource "aws_flow_log" "this" {
                  vpc_id                   = aws_vpc.this.id
                  traffic_type             = "ALL"
                  log_destination          = aws_cloudwatch_log_group.flow.arn
                  iam_role_arn             = aws_iam_role.flow.arn
                  max_aggregation_interval = 600
                }

                resource "aws_cloudwatch_log_group" "flow" {
                  name              = "/vpc/${var.name}"
                  retention_in_days = var.logs_keep
                  kms_key_id        = var.kms_key
                }

                resource "aws_iam_role" "flow" {
                  name = "${var.name}-flow"

                  assume_role_policy = jsonencode({
                    Version = "2012-10-17"
                    Statement = [{
                      Effect    = "Allow"
                      Action    = "sts:AssumeRole"
                      Principal = { Service = "vpc-flow-logs.amazonaws.com" }
                    }]
                  })
                }

                resource "aws_iam_role_policy" "flow" {
                  name = "write"
                  role = aws_iam_role.flow.id

                  policy = jsonencode({
                    Version = "2012-10-17"
                    Statement = [{
                      Effect   = "Allow"
                      Action   = ["logs:CreateLogStream", "logs:PutLogEvents", "logs:DescribeLogStreams"]
                      Resource = "${aws_cloudwatch_log_group.flow.arn}:*"
                    }]
                  })
                }

                # Names are answered for those that were asked for and for AWS; every other name does not exist in here.
                resource "aws_route53_resolver_firewall_domain_list" "open" {
                  count = local.filters ? 1 : 0

                  name    = "${var.name}-open"
                  domains = concat(var.hosts, ["*.amazonaws.com", "*.aws"])
                }

                resource "aws_route53_resolver_firewall_domain_list" "all" {
                  count = local.filters ? 1 : 0

                  name    = "${var.name}-all"
                  domains = ["*"]
                }

                resource "aws_route53_resolver_firewall_rule_group" "this" {
                  count = local.filters ? 1 : 0

                  name = var.name
                }

                resource "aws_route53_resolver_firewall_rule" "open" {
                  count = local.filters ? 1 : 0

                  name   = "open"
                  action = "ALLOW"

                  # What an open name is an alias of is open too.
                  firewall_domain_redirection_action = "TRUST_REDIRECTION_DOMAIN"

                  firewall_domain_list_id = aws_route53_resolver_firewall_domain_list.open[0].id
                  firewall_rule_group_id  = aws_route53_resolver_firewall_rule_group.this[0].id
                  priority                = 100
                }

                resource "aws_route53_resolver_firewall_rule" "rest" {
                  count = local.filters ? 1 : 0

                  name                    = "rest"
                  action                  = "BLOCK"
                  block_response          = "NXDOMAIN"
                  firewall_domain_list_id = aws_route53_resolver_firewall_domain_list.all[0].id
                  firewall_rule_group_id  = aws_route53_resolver_firewall_rule_group.this[0].id
                  priority                = 200
                }

                resource "aws_route53_resolver_firewall_rule_group_association" "this" {
                  count = local.filters ? 1 : 0

                  name                   = var.name
                  firewall_rule_group_id = aws_route53_resolver_firewall_rule_group.this[0].id
                  vpc_id                 = aws_vpc.this.id
                  priority               = 101
                }

                """#,
            "outputs.tf": #"""
            output "vpc" {
              description = "The network."
              value       = aws_vpc.this.id
            }

            output "public_subnets" {
              description = "Where the load balancer stands."
              value       = aws_subnet.public[*].id
            }

            output "private_subnets" {
              description = "Where everything else stands."
              value       = aws_subnet.private[*].id
            }

            output "endpoints" {
              description = "How AWS's own services are reached."
              value = {
                security_group = aws_security_group.endpoints.id
                s3             = aws_vpc_endpoint.s3.prefix_list_id
              }
            }

            """#,
            "variables.tf": #"""
            variable "name" {
              description = "Platform and environment."
              type        = string
            }

            variable "cidr" {
              description = "The network's addresses, a /16."
              type        = string
              default     = "10.0.0.0/16"
            }

            variable "zones" {
              description = "How many availability zones."
              type        = number
            }

            variable "nat" {
              description = "The way out: none, one for all zones, or each zone its own so that none fails with another."
              type        = string

              validation {
                condition     = contains(["none", "one", "each"], var.nat)
                error_message = "It is none, one or each."
              }
            }

            variable "hosts" {
              description = "Names outside that are answered; none answers all of them."
              type        = list(string)
              default     = []
            }

            variable "endpoints" {
              description = "AWS's own services that are reached from within."
              type        = set(string)
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
