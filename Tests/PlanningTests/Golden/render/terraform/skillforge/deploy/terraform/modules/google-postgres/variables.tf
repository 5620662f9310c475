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

variable "network" {
  description = "The network in which it has its only address."
  type        = string
}

variable "postgres_version" {
  type = number
}

variable "database" {
  type = string
}

variable "tier" {
  type = string
}

variable "disk_gb" {
  type = number
}

variable "standby" {
  description = "A second server in another zone, which takes over by itself."
  type        = bool
  default     = false
}

variable "backup" {
  description = "Daily copies to keep, days of transaction logs, and where the copies lie; none when null."
  type = object({
    copies   = number
    log_days = number
    location = optional(string)
  })
  default = null
}

variable "users" {
  description = "The id of the secret that holds each role's password, by role."
  type        = map(string)
  default     = {}
}

variable "password_version" {
  description = "Raise it after a password was renewed: Terraform cannot see that it was."
  type        = number
  default     = 1
}

variable "flags" {
  type = map(string)
  default = {
    log_checkpoints         = "on"
    log_connections         = "on"
    log_disconnections      = "on"
    log_hostname            = "on"
    log_lock_waits          = "on"
    log_min_error_statement = "error"
    log_min_messages        = "warning"
    log_statement           = "ddl"
  }
}

variable "labels" {
  type    = map(string)
  default = {}
}
