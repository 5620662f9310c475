# Rendered by hauban from hauban.yaml. Change that file and run `hauban render`: what is written here is replaced.

variable "project" {
  type = string
}

variable "name" {
  type = string
}

variable "bucket" {
  type = string
}

variable "location" {
  type = string
}

variable "spa" {
  description = "Unknown paths are the browser's own."
  type        = bool
  default     = false
}

variable "cdn" {
  description = "Copies near the readers; releases drop them."
  type        = bool
  default     = false
}

variable "response_headers" {
  type    = list(string)
  default = []
}

variable "labels" {
  type    = map(string)
  default = {}
}
