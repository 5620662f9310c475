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
  type = string
}

variable "redis_version" {
  type = string
}

variable "memory_gb" {
  type = number
}

variable "standby" {
  description = "A second server in another zone, which takes over by itself."
  type        = bool
  default     = false
}

variable "eviction" {
  description = "What a full server forgets."
  type        = string
  default     = "noeviction"
}

variable "snapshots" {
  description = "Time between copies to disk; none when null."
  type        = string
  default     = null
}

variable "tls" {
  description = "Clients then need the instance's own certificate authority."
  type        = bool
  default     = false
}

variable "labels" {
  type    = map(string)
  default = {}
}
