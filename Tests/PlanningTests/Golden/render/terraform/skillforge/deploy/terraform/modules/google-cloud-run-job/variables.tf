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

variable "timeout" {
  type = string
}

variable "schedule" {
  description = "When it is started, as crontab(5) writes it, in UTC; by hand or by a release when null."
  type        = string
  default     = null
}

variable "clock_account_id" {
  description = "Account that starts it, where there is a schedule."
  type        = string
  default     = null
}
