extension AWSModule {
    /// A Kubernetes cluster without machines of one's own.
    static let kubernetes = AWSModule(
        "aws-kubernetes",
        files: [
            "main.tf": versions + #"""
                # Machines come and go by what is asked for: nobody keeps nodes.
                resource "aws_eks_cluster" "this" {
                  name     = var.name
                  version  = var.engine_version
                  role_arn = aws_iam_role.cluster.arn
                  tags     = var.tags

                  bootstrap_self_managed_addons = false
                  enabled_cluster_log_types     = ["api", "audit", "authenticator", "controllerManager", "scheduler"]

                  access_config {
                    authentication_mode                         = "API"
                    bootstrap_cluster_creator_admin_permissions = true
                  }

                  compute_config {
                    enabled       = true
                    node_pools    = ["general-purpose", "system"]
                    node_role_arn = aws_iam_role.node.arn
                  }

                  kubernetes_network_config {
                    elastic_load_balancing {
                      enabled = true
                    }
                  }

                  storage_config {
                    block_storage {
                      enabled = true
                    }
                  }

                  # From within the network only.
                  vpc_config {
                    subnet_ids              = var.subnets
                    endpoint_private_access = true
                    endpoint_public_access  = false
                  }

                  encryption_config {
                    resources = ["secrets"]

                    provider {
                      key_arn = var.kms_key
                    }
                  }

                  depends_on = [aws_cloudwatch_log_group.this, aws_iam_role_policy_attachment.cluster]
                }

                resource "aws_cloudwatch_log_group" "this" {
                  name              = "/aws/eks/${var.name}/cluster"
                  retention_in_days = var.logs_keep
                  kms_key_id        = var.kms_key
                }

                resource "aws_iam_role" "cluster" {
                  name = "${var.name}-cluster"

                  assume_role_policy = jsonencode({
                    Version = "2012-10-17"
                    Statement = [{
                      Effect    = "Allow"
                      Action    = ["sts:AssumeRole", "sts:TagSession"]
                      Principal = { Service = "eks.amazonaws.com" }
                    }]
                  })
                }

                resource "aws_iam_role_policy_attachment" "cluster" {
                  for_each = toset([
                    "AmazonEKSBlockStoragePolicy", "AmazonEKSClusterPolicy", "AmazonEKSComputePolicy", "AmazonEKSLoadBalancingPolicy",
                    "AmazonEKSNetworkingPolicy",
                  ])

                  role       = aws_iam_role.cluster.name
                  policy_arn = "arn:aws:iam::aws:policy/${each.value}"
                }

                resource "aws_iam_role" "node" {
                  name = "${var.name}-node"

                  assume_role_policy = jsonencode({
                    Version = "2012-10-17"
                    Statement = [{
                      Effect    = "Allow"
                      Action    = "sts:AssumeRole"
                      Principal = { Service = "ec2.amazonaws.com" }
                    }]
                  })
                }

                resource "aws_iam_role_policy_attachment" "node" {
                  for_each = toset(["AmazonEC2ContainerRegistryPullOnly", "AmazonEKSWorkerNodeMinimalPolicy"])

                  role       = aws_iam_role.node.name
                  policy_arn = "arn:aws:iam::aws:policy/${each.value}"
                }

                """#,
            "outputs.tf": #"""
            output "name" {
              description = "The cluster's name."
              value       = aws_eks_cluster.this.name
            }

            output "arn" {
              description = "The cluster."
              value       = aws_eks_cluster.this.arn
            }

            output "url" {
              description = "Its API."
              value       = aws_eks_cluster.this.endpoint
            }

            output "security_group" {
              description = "Who calls it lets itself into this group."
              value       = aws_eks_cluster.this.vpc_config[0].cluster_security_group_id
            }

            """#,
            "variables.tf": #"""
            variable "name" {
              description = "Platform, environment and cluster."
              type        = string
            }

            variable "engine_version" {
              description = "Version of Kubernetes; null is AWS's newest."
              type        = string
              default     = null
            }

            variable "subnets" {
              description = "Private subnets in at least two zones."
              type        = list(string)
            }

            variable "logs_keep" {
              description = "Days that logs stay."
              type        = number
            }

            variable "kms_key" {
              description = "Encrypts secrets and logs."
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
