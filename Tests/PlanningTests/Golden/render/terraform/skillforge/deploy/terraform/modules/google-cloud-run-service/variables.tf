# Rendered by hauban from hauban.yaml. Change that file and run `hauban render`: what is written here is replaced.

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

variable "port" {
  type = number
}

variable "exposed" {
  description = "Whether the load balancer leads here."
  type        = bool
  default     = false
}

variable "invokers" {
  description = "Accounts that may call it, by name."
  type        = map(string)
  default     = {}
}

variable "ready_path" {
  description = "Must answer before a revision gets requests; the port alone when null."
  type        = string
  default     = null
}

variable "live_path" {
  description = "An instance that fails here is replaced."
  type        = string
  default     = null
}

variable "probe" {
  description = "Seconds between questions and to an answer; failures while starting and later."
  type = object({
    period   = number
    timeout  = number
    starts   = number
    failures = number
  })
}

variable "min_instances" {
  type = number
}

variable "max_instances" {
  type = number
}

variable "concurrency" {
  description = "Requests in flight in one instance, beyond which another is started."
  type        = number
}

variable "timeout" {
  type    = string
  default = "300s"
}

variable "deletion_protection" {
  type    = bool
  default = true
}
