# Rendered by hauban from hauban.yaml. Change that file and run `hauban render`: what is written here is replaced.

variable "project" {
  type = string
}

variable "title" {
  type = string
}

variable "services" {
  description = "Cloud Run services: the four golden signals of each."
  type        = list(string)
}

variable "databases" {
  description = "Cloud SQL instances by name."
  type        = map(string)
  default     = {}
}

variable "caches" {
  description = "Memorystore instances by name."
  type        = map(string)
  default     = {}
}
