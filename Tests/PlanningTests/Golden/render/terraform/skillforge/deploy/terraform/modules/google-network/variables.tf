# Rendered by hauban from hauban.yaml. Change that file and run `hauban render`: what is written here is replaced.

variable "project" {
  type = string
}

variable "name" {
  type = string
}

variable "subnetworks" {
  description = "Address ranges by region; pods and services where a cluster stands."
  type = map(object({
    cidr     = string
    pods     = optional(string)
    services = optional(string)
  }))
}

variable "stores" {
  description = "The port of each database and cache by its name."
  type        = map(string)
  default     = {}
}

variable "outbound" {
  description = "Whether anybody may leave Google's network."
  type        = bool
  default     = false
}
