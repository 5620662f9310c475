/// What services, jobs and workers of Cloud Run have in common.
extension GoogleModule {
    static let runEntrypoint = #"""
        locals {
          # Values that hold a secret are put together inside the container, by its shell: neither the
          # revision nor Terraform's state shows them.
          exports = join("", [for name, value in var.composed_env : "export ${name}=\"${value}\"\n"])
          command = local.exports == "" ? var.command : ["/bin/sh", "-euc", "${local.exports}exec \"$@\"\n", "sh"]
          args    = local.exports == "" ? null : var.command
        }


        """#

    static let runEnvironment = #"""
              dynamic "env" {
                for_each = var.env

                content {
                  name  = env.key
                  value = env.value
                }
              }

              dynamic "env" {
                for_each = var.secret_env
                iterator = secret

                content {
                  name = secret.key

                  value_source {
                    secret_key_ref {
                      secret  = secret.value
                      version = "latest"
                    }
                  }
                }
              }
        """#

    static func indented(_ text: String, _ spaces: Int) -> String {
        text.split(separator: "\n", omittingEmptySubsequences: false)
            .map { $0.isEmpty ? "" : String(repeating: " ", count: spaces) + $0 }.joined(separator: "\n")
    }

    static let runVariables = #"""
        variable "project" {
          type = string
        }

        variable "region" {
          type = string
        }

        variable "name" {
          type = string
        }

        variable "image" {
          description = "What it is first made with; releases move it from then on."
          type        = string
        }

        variable "command" {
          description = "The words that start it; the image's own when null."
          type        = list(string)
          default     = null
        }

        variable "service_account" {
          description = "E-mail of the account that it runs as."
          type        = string
        }

        variable "env" {
          type    = map(string)
          default = {}
        }

        variable "secret_env" {
          description = "Ids of secrets by the variable that each is handed over in; read when an instance starts."
          type        = map(string)
          default     = {}
        }

        variable "composed_env" {
          description = "Values that hold a secret, as a double-quoted word of the shell: `$DB_PASSWORD`."
          type        = map(string)
          default     = {}
        }

        variable "cpu" {
          type = string
        }

        variable "memory" {
          type = string
        }

        variable "network" {
          type = string
        }

        variable "subnetwork" {
          type = string
        }

        variable "network_tags" {
          description = "What the firewall lets it reach."
          type        = list(string)
          default     = []
        }

        variable "labels" {
          type    = map(string)
          default = {}
        }


        """#
}
