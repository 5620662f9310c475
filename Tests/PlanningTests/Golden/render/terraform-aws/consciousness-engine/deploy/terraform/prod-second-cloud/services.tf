# Rendered by hauban from hauban.yaml. Change that file and run `hauban render`: what is written here is replaced.

module "task_engine" {
  source = "../modules/aws-task"

  name      = "consciousness-engine-prod-second-cloud-engine"
  vpc       = module.network.vpc
  endpoints = module.network.endpoints
  cpu       = 2048
  memory    = 5120

  container = {
    name  = "engine"
    image = "${module.image_services_engine.url}:${var.release}"
    # Values that hold a secret are put together inside, so that no description of the task shows them.
    entrypoint = [
      "/bin/sh",
      "-euc",
      "export DATABASE_URL=\"postgresql://engine_role:$DB_PASSWORD@${module.postgres_db.host}:5432/consciousness_engine?sslmode=require\"\nexec \"$@\"",
      "sh",
    ]
    command = ["./engine", "--port", "9000"]
    port    = 9000
    cpu     = 2048
    memory  = 4096
    stop    = 10
    environment = {
      EVENTS_TOPIC                = module.topic_events.arn
      LOG_LEVEL                   = "INFO"
      OTEL_EXPORTER_OTLP_ENDPOINT = "http://127.0.0.1:4318"
      OTEL_SERVICE_NAME           = "engine"
      OTEL_TRACES_SAMPLER         = "parentbased_traceidratio"
      OTEL_TRACES_SAMPLER_ARG     = "0.05"
      SESSIONS_URL                = "rediss://${module.redis_sessions.host}:6379/0"
    }
    secrets = {
      DB_PASSWORD = module.password_db_engine.arn
      MODEL_KEY   = module.secret_model_key.arn
    }
    health = {
      command = [
        "/bin/sh",
        "-c",
        "wget -q -T 5 -O /dev/null http://127.0.0.1:9000/live || curl -fsS -m 5 -o /dev/null http://127.0.0.1:9000/live",
      ]
      interval = 5
      timeout  = 5
      retries  = 3
      start    = 60
    }
  }

  repository = module.image_services_engine.arn
  secrets    = [module.password_db_engine.arn, module.secret_model_key.arn]
  statements = [
    {
      actions   = ["sns:Publish"]
      resources = [module.topic_events.arn]
    },
    {
      actions   = ["kms:Decrypt", "kms:GenerateDataKey"]
      resources = [module.key.arn]
    },
  ]
  reaches = {
    db = {
      security_group = module.postgres_db.security_group
      port           = 5432
    }
    sessions = {
      security_group = module.redis_sessions.security_group
      port           = 6379
    }
  }
  outside   = true
  traces    = true
  logs_keep = 365
  kms_key   = module.key.arn
}

# Run before the release that needs it: aws-run.sh prod-second-cloud engine-migration.
module "migration_engine" {
  source = "../modules/aws-task"

  name      = "consciousness-engine-prod-second-cloud-engi-njgxmy"
  vpc       = module.network.vpc
  endpoints = module.network.endpoints
  cpu       = 2048
  memory    = 5120

  container = {
    name  = "engine"
    image = "${module.image_services_engine.url}:${var.release}"
    # Values that hold a secret are put together inside, so that no description of the task shows them.
    entrypoint = [
      "/bin/sh",
      "-euc",
      "export DATABASE_URL=\"postgresql://engine_role:$DB_PASSWORD@${module.postgres_db.host}:5432/consciousness_engine?sslmode=require\"\nexec \"$@\"",
      "sh",
    ]
    command = ["./engine", "migrate"]
    cpu     = 2048
    memory  = 4096
    stop    = 10
    environment = {
      EVENTS_TOPIC                = module.topic_events.arn
      LOG_LEVEL                   = "INFO"
      OTEL_EXPORTER_OTLP_ENDPOINT = "http://127.0.0.1:4318"
      OTEL_SERVICE_NAME           = "engine"
      OTEL_TRACES_SAMPLER         = "parentbased_traceidratio"
      OTEL_TRACES_SAMPLER_ARG     = "0.05"
      SESSIONS_URL                = "rediss://${module.redis_sessions.host}:6379/0"
    }
    secrets = {
      DB_PASSWORD = module.password_db_engine.arn
      MODEL_KEY   = module.secret_model_key.arn
    }
  }

  repository = module.image_services_engine.arn
  secrets    = [module.password_db_engine.arn, module.secret_model_key.arn]
  reaches = {
    db = {
      security_group = module.postgres_db.security_group
      port           = 5432
    }
    sessions = {
      security_group = module.redis_sessions.security_group
      port           = 6379
    }
  }
  outside   = true
  logs_keep = 365
  kms_key   = module.key.arn
}

module "service_engine" {
  source = "../modules/aws-service"

  name       = "consciousness-engine-prod-second-cloud-engine"
  service    = "engine"
  short_name = "consciousness-engine-pro-1s1meoj"
  cluster    = module.cluster
  vpc        = module.network.vpc
  subnets    = module.network.private_subnets
  task       = module.task_engine
  port       = 9000
  scale = {
    min    = 2
    max    = 400
    cpu    = 70
    memory = 80
  }
  connect = {
    serves    = true
    authority = module.mesh.authority
    kms_key   = module.key.arn
    role      = module.mesh.role
  }
  tags = { feature = "interactions" }
}

module "task_gateway" {
  source = "../modules/aws-task"

  name      = "consciousness-engine-prod-second-cloud-gateway"
  vpc       = module.network.vpc
  endpoints = module.network.endpoints
  cpu       = 1024
  memory    = 2048

  container = {
    name      = "gateway"
    image     = "${module.image_services_gateway.url}:${var.release}"
    command   = ["node", "dist/server.js"]
    port      = 8080
    cpu       = 1024
    memory    = 1024
    user      = "10001:10001"
    read_only = true
    stop      = 10
    environment = {
      ENGINE_URL                  = "http://engine:9000"
      LOG_LEVEL                   = "INFO"
      OTEL_EXPORTER_OTLP_ENDPOINT = "http://127.0.0.1:4318"
      OTEL_SERVICE_NAME           = "gateway"
      OTEL_TRACES_SAMPLER         = "parentbased_traceidratio"
      OTEL_TRACES_SAMPLER_ARG     = "0.05"
      SESSIONS_URL                = "rediss://${module.redis_sessions.host}:6379/0"
    }
    secrets = { SESSION_KEY = module.secret_session_key.arn }
    health = {
      command = [
        "bash",
        "-c",
        "exec 3<>/dev/tcp/127.0.0.1/8080; printf 'GET /live HTTP/1.0\\r\\nHost: 127.0.0.1\\r\\n\\r\\n' >&3; read -r _ status _ <&3; [[ $status == [23]?? ]]",
      ]
      interval = 5
      timeout  = 5
      retries  = 3
      start    = 60
    }
  }

  repository = module.image_services_gateway.arn
  secrets    = [module.secret_session_key.arn]
  reaches = {
    engine = {
      security_group = module.task_engine.security_group
      port           = 9000
    }
    sessions = {
      security_group = module.redis_sessions.security_group
      port           = 6379
    }
  }
  outside   = true
  traces    = true
  logs_keep = 365
  kms_key   = module.key.arn
}

module "service_gateway" {
  source = "../modules/aws-service"

  name       = "consciousness-engine-prod-second-cloud-gateway"
  service    = "gateway"
  short_name = "consciousness-engine-pro-1qxp6ip"
  cluster    = module.cluster
  vpc        = module.network.vpc
  subnets    = module.network.private_subnets
  task       = module.task_gateway
  port       = 8080
  edge       = module.edge
  routes = {
    "api.engine.example/" = {
      priority = 10
      host     = "api.engine.example"
      path     = "/"
    }
  }
  health = {
    path     = "/health"
    interval = 5
    timeout  = 4
    passes   = 2
    failures = 3
    start    = 60
  }
  drain = 60
  scale = {
    min      = 2
    max      = 300
    cpu      = 65
    requests = 500
  }
  connect = { serves = false }
  tags    = { feature = "interactions" }
}

module "task_insights" {
  source = "../modules/aws-task"

  name      = "consciousness-engine-prod-second-cloud-insights"
  vpc       = module.network.vpc
  endpoints = module.network.endpoints
  cpu       = 1024
  memory    = 3072

  container = {
    name  = "insights"
    image = "${module.image_services_insights.url}:${var.release}"
    # Values that hold a secret are put together inside, so that no description of the task shows them.
    entrypoint = [
      "/bin/sh",
      "-euc",
      "export DATABASE_URL=\"postgresql://insights_role:$DB_PASSWORD@${module.postgres_db.host}:5432/consciousness_engine?sslmode=require\"\nexec \"$@\"",
      "sh",
    ]
    command = ["./insights"]
    cpu     = 1024
    memory  = 2048
    stop    = 10
    environment = {
      ARCHIVE_BUCKET              = module.bucket_archive.name
      EVENTS_TOPIC                = module.topic_events.queues["insights"].url
      LOG_LEVEL                   = "INFO"
      OTEL_EXPORTER_OTLP_ENDPOINT = "http://127.0.0.1:4318"
      OTEL_SERVICE_NAME           = "insights"
      OTEL_TRACES_SAMPLER         = "parentbased_traceidratio"
      OTEL_TRACES_SAMPLER_ARG     = "0.05"
    }
    secrets = { DB_PASSWORD = module.password_db_insights.arn }
    health = {
      command = [
        "/bin/sh",
        "-euc",
        "export DATABASE_URL=\"postgresql://insights_role:$DB_PASSWORD@${module.postgres_db.host}:5432/consciousness_engine?sslmode=require\"\nexec \"$@\"",
        "sh",
        "./insights",
        "check",
      ]
      interval = 10
      timeout  = 5
      retries  = 3
      start    = 60
    }
  }

  repository = module.image_services_insights.arn
  secrets    = [module.password_db_insights.arn]
  statements = [
    {
      actions   = ["s3:ListBucket"]
      resources = [module.bucket_archive.arn]
    },
    {
      actions   = ["s3:GetObject", "s3:PutObject", "s3:DeleteObject", "s3:AbortMultipartUpload"]
      resources = ["${module.bucket_archive.arn}/*"]
    },
    {
      actions = [
        "sqs:ReceiveMessage",
        "sqs:DeleteMessage",
        "sqs:ChangeMessageVisibility",
        "sqs:GetQueueAttributes",
      ]
      resources = [module.topic_events.queues["insights"].arn]
    },
    {
      actions   = ["kms:Decrypt", "kms:GenerateDataKey"]
      resources = [module.key.arn]
    },
  ]
  reaches = {
    db = {
      security_group = module.postgres_db.security_group
      port           = 5432
    }
  }
  outside   = true
  traces    = true
  logs_keep = 365
  kms_key   = module.key.arn
}

module "service_insights" {
  source = "../modules/aws-service"

  name       = "consciousness-engine-prod-second-cloud-insights"
  service    = "insights"
  short_name = "consciousness-engine-prod-tw8zps"
  cluster    = module.cluster
  vpc        = module.network.vpc
  subnets    = module.network.private_subnets
  task       = module.task_insights
  scale = {
    min = 1
    max = 20
    cpu = 75
  }
  replace = true
  spot    = true
  tags    = { feature = "insights" }
}
