# Rendered by hauban from hauban.yaml. Change that file and run `hauban render`: what is written here is replaced.

module "task_api_gateway" {
  source = "../modules/aws-task"

  name      = "skillforge-dev-api-gateway"
  vpc       = module.network.vpc
  endpoints = module.network.endpoints
  cpu       = 1024
  memory    = 2048

  container = {
    name      = "api-gateway"
    image     = "${module.image_services_api_gateway.url}:${var.release}"
    command   = ["uvicorn", "gateway.main:app", "--host", "0.0.0.0", "--port", "8080"]
    port      = 8080
    cpu       = 1024
    memory    = 512
    user      = "10001:10001"
    read_only = true
    stop      = 10
    environment = {
      EVALUATION_AGENT_URL        = "http://evaluation-agent:8080"
      LOG_LEVEL                   = "INFO"
      OTEL_EXPORTER_OTLP_ENDPOINT = "http://127.0.0.1:4318"
      OTEL_SERVICE_NAME           = "api-gateway"
      OTEL_TRACES_SAMPLER         = "parentbased_traceidratio"
      OTEL_TRACES_SAMPLER_ARG     = "1"
      PROJECT_SERVICE_URL         = "http://project-service:8080"
      REDIS_URL                   = "rediss://${module.redis_broker.host}:6379/0"
    }
    secrets = { JWT_KEY = module.secret_jwt_key.arn }
    health = {
      command = [
        "bash",
        "-c",
        "exec 3<>/dev/tcp/127.0.0.1/8080; printf 'GET /live HTTP/1.0\\r\\nHost: 127.0.0.1\\r\\n\\r\\n' >&3; read -r _ status _ <&3; [[ $status == [23]?? ]]",
      ]
      interval = 10
      timeout  = 5
      retries  = 3
      start    = 60
    }
  }

  repository = module.image_services_api_gateway.arn
  secrets    = [module.secret_jwt_key.arn]
  reaches = {
    broker = {
      security_group = module.redis_broker.security_group
      port           = 6379
    }
    evaluation-agent = {
      security_group = module.task_evaluation_agent.security_group
      port           = 8080
    }
    project-service = {
      security_group = module.task_project_service.security_group
      port           = 8080
    }
  }
  outside   = true
  traces    = true
  logs_keep = 30
  kms_key   = module.key.arn
}

module "service_api_gateway" {
  source = "../modules/aws-service"

  name       = "skillforge-dev-api-gateway"
  service    = "api-gateway"
  short_name = "skillforge-dev-api-gateway"
  cluster    = module.cluster
  vpc        = module.network.vpc
  subnets    = module.network.private_subnets
  task       = module.task_api_gateway
  port       = 8080
  edge       = module.edge
  routes = {
    "api.dev.skillforge.example/" = {
      priority = 10
      host     = "api.dev.skillforge.example"
      path     = "/"
    }
  }
  health = {
    path     = "/health"
    interval = 10
    timeout  = 5
    passes   = 2
    failures = 3
    start    = 60
  }
  drain = 30
  scale = {
    min      = 0
    max      = 2
    requests = 80
  }
  connect = { serves = false }
}

module "task_evaluation_agent" {
  source = "../modules/aws-task"

  name      = "skillforge-dev-evaluation-agent"
  vpc       = module.network.vpc
  endpoints = module.network.endpoints
  cpu       = 2048
  memory    = 4096

  container = {
    name  = "evaluation-agent"
    image = "${module.image_agents_evaluation_agent.url}:${var.release}"
    # Values that hold a secret are put together inside, so that no description of the task shows them.
    entrypoint = [
      "/bin/sh",
      "-euc",
      "export DATABASE_URL=\"postgresql://evaluation_agent_role:$DB_PASSWORD@${module.postgres_db.host}:5432/skillforge_db?sslmode=require\"\nexec \"$@\"",
      "sh",
    ]
    command   = ["uvicorn", "evaluation.main:app", "--host", "0.0.0.0", "--port", "8080"]
    port      = 8080
    cpu       = 2048
    memory    = 2048
    user      = "10001:10001"
    read_only = true
    stop      = 10
    environment = {
      DATASETS_BUCKET             = module.bucket_datasets.name
      LOG_LEVEL                   = "INFO"
      MODELS_BUCKET               = module.bucket_models.name
      OTEL_EXPORTER_OTLP_ENDPOINT = "http://127.0.0.1:4318"
      OTEL_SERVICE_NAME           = "evaluation-agent"
      OTEL_TRACES_SAMPLER         = "parentbased_traceidratio"
      OTEL_TRACES_SAMPLER_ARG     = "1"
      PREFECT_CLUSTER             = module.kubernetes_orchestrator.url
      REDIS_URL                   = "rediss://${module.redis_broker.host}:6379/0"
      UPLOADS_BUCKET              = module.bucket_uploads.name
    }
    secrets = {
      DB_PASSWORD = module.password_db_evaluation_agent.arn
      LLM_KEY     = module.secret_llm_key.arn
    }
    health = {
      command = [
        "bash",
        "-c",
        "exec 3<>/dev/tcp/127.0.0.1/8080; printf 'GET /live HTTP/1.0\\r\\nHost: 127.0.0.1\\r\\n\\r\\n' >&3; read -r _ status _ <&3; [[ $status == [23]?? ]]",
      ]
      interval = 10
      timeout  = 5
      retries  = 3
      start    = 60
    }
  }

  repository = module.image_agents_evaluation_agent.arn
  secrets    = [module.password_db_evaluation_agent.arn, module.secret_llm_key.arn]
  statements = [
    {
      actions   = ["s3:ListBucket"]
      resources = [module.bucket_datasets.arn]
    },
    {
      actions   = ["s3:GetObject", "s3:PutObject", "s3:DeleteObject", "s3:AbortMultipartUpload"]
      resources = ["${module.bucket_datasets.arn}/*"]
    },
    {
      actions = [
        "sqs:ReceiveMessage",
        "sqs:DeleteMessage",
        "sqs:ChangeMessageVisibility",
        "sqs:GetQueueAttributes",
      ]
      resources = [module.topic_deliverables.queues["evaluation-agent"].arn]
    },
    {
      actions   = ["s3:ListBucket"]
      resources = [module.bucket_models.arn]
    },
    {
      actions   = ["s3:GetObject"]
      resources = ["${module.bucket_models.arn}/*"]
    },
    {
      actions   = ["eks:DescribeCluster"]
      resources = [module.kubernetes_orchestrator.arn]
    },
    {
      actions   = ["s3:ListBucket"]
      resources = [module.bucket_uploads.arn]
    },
    {
      actions   = ["s3:GetObject"]
      resources = ["${module.bucket_uploads.arn}/*"]
    },
    {
      actions   = ["kms:Decrypt", "kms:GenerateDataKey"]
      resources = [module.key.arn]
    },
  ]
  reaches = {
    broker = {
      security_group = module.redis_broker.security_group
      port           = 6379
    }
    db = {
      security_group = module.postgres_db.security_group
      port           = 5432
    }
    orchestrator = {
      security_group = module.kubernetes_orchestrator.security_group
      port           = 443
    }
  }
  outside   = true
  traces    = true
  logs_keep = 30
  kms_key   = module.key.arn
}

module "service_evaluation_agent" {
  source = "../modules/aws-service"

  name       = "skillforge-dev-evaluation-agent"
  service    = "evaluation-agent"
  short_name = "skillforge-dev-evaluation-agent"
  cluster    = module.cluster
  vpc        = module.network.vpc
  subnets    = module.network.private_subnets
  task       = module.task_evaluation_agent
  port       = 8080
  scale = {
    min      = 0
    max      = 10
    requests = 4
  }
  connect = { serves = true }
  tags    = { feature = "evaluation" }
}

module "certificate_frontend" {
  source    = "../modules/aws-certificate"
  providers = { aws = aws.us_east_1 }

  hosts = ["app.dev.skillforge.example"]
  zone  = data.aws_route53_zone.this.zone_id
}

module "site_frontend" {
  source = "../modules/aws-site"

  name         = "skillforge-dev-frontend"
  hosts        = ["app.dev.skillforge.example"]
  certificate  = module.certificate_frontend.arn
  zone         = data.aws_route53_zone.this.zone_id
  spa          = true
  hsts_seconds = 31536000
}

module "task_project_service" {
  source = "../modules/aws-task"

  name      = "skillforge-dev-project-service"
  vpc       = module.network.vpc
  endpoints = module.network.endpoints
  cpu       = 1024
  memory    = 2048

  container = {
    name  = "project-service"
    image = "${module.image_services_project_service.url}:${var.release}"
    # Values that hold a secret are put together inside, so that no description of the task shows them.
    entrypoint = [
      "/bin/sh",
      "-euc",
      "export DATABASE_URL=\"postgresql://project_service_role:$DB_PASSWORD@${module.postgres_db.host}:5432/skillforge_db?sslmode=require\"\nexec \"$@\"",
      "sh",
    ]
    command   = ["uvicorn", "project.main:app", "--host", "0.0.0.0", "--port", "8080"]
    port      = 8080
    cpu       = 1024
    memory    = 512
    user      = "10001:10001"
    read_only = true
    stop      = 10
    environment = {
      DELIVERABLES_TOPIC          = module.topic_deliverables.arn
      LOG_LEVEL                   = "INFO"
      OTEL_EXPORTER_OTLP_ENDPOINT = "http://127.0.0.1:4318"
      OTEL_SERVICE_NAME           = "project-service"
      OTEL_TRACES_SAMPLER         = "parentbased_traceidratio"
      OTEL_TRACES_SAMPLER_ARG     = "1"
      REDIS_URL                   = "rediss://${module.redis_broker.host}:6379/0"
      UPLOADS_BUCKET              = module.bucket_uploads.name
    }
    secrets = {
      DB_PASSWORD = module.password_db_project_service.arn
      JWT_KEY     = module.secret_jwt_key.arn
    }
    health = {
      command = [
        "bash",
        "-c",
        "exec 3<>/dev/tcp/127.0.0.1/8080; printf 'GET /live HTTP/1.0\\r\\nHost: 127.0.0.1\\r\\n\\r\\n' >&3; read -r _ status _ <&3; [[ $status == [23]?? ]]",
      ]
      interval = 10
      timeout  = 5
      retries  = 3
      start    = 60
    }
  }

  repository = module.image_services_project_service.arn
  secrets    = [module.password_db_project_service.arn, module.secret_jwt_key.arn]
  statements = [
    {
      actions   = ["sns:Publish"]
      resources = [module.topic_deliverables.arn]
    },
    {
      actions   = ["s3:ListBucket"]
      resources = [module.bucket_uploads.arn]
    },
    {
      actions   = ["s3:GetObject", "s3:PutObject", "s3:DeleteObject", "s3:AbortMultipartUpload"]
      resources = ["${module.bucket_uploads.arn}/*"]
    },
    {
      actions   = ["kms:Decrypt", "kms:GenerateDataKey"]
      resources = [module.key.arn]
    },
  ]
  reaches = {
    broker = {
      security_group = module.redis_broker.security_group
      port           = 6379
    }
    db = {
      security_group = module.postgres_db.security_group
      port           = 5432
    }
  }
  outside   = true
  traces    = true
  logs_keep = 30
  kms_key   = module.key.arn
}

# Run before the release that needs it: aws-run.sh dev project-service-migration.
module "migration_project_service" {
  source = "../modules/aws-task"

  name      = "skillforge-dev-project-service-migration"
  vpc       = module.network.vpc
  endpoints = module.network.endpoints
  cpu       = 1024
  memory    = 2048

  container = {
    name  = "project-service"
    image = "${module.image_services_project_service.url}:${var.release}"
    # Values that hold a secret are put together inside, so that no description of the task shows them.
    entrypoint = [
      "/bin/sh",
      "-euc",
      "export DATABASE_URL=\"postgresql://project_service_role:$DB_PASSWORD@${module.postgres_db.host}:5432/skillforge_db?sslmode=require\"\nexec \"$@\"",
      "sh",
    ]
    command   = ["alembic", "upgrade", "head"]
    cpu       = 1024
    memory    = 512
    user      = "10001:10001"
    read_only = true
    stop      = 10
    environment = {
      DELIVERABLES_TOPIC          = module.topic_deliverables.arn
      LOG_LEVEL                   = "INFO"
      OTEL_EXPORTER_OTLP_ENDPOINT = "http://127.0.0.1:4318"
      OTEL_SERVICE_NAME           = "project-service"
      OTEL_TRACES_SAMPLER         = "parentbased_traceidratio"
      OTEL_TRACES_SAMPLER_ARG     = "1"
      REDIS_URL                   = "rediss://${module.redis_broker.host}:6379/0"
      UPLOADS_BUCKET              = module.bucket_uploads.name
    }
    secrets = {
      DB_PASSWORD = module.password_db_project_service.arn
      JWT_KEY     = module.secret_jwt_key.arn
    }
  }

  repository = module.image_services_project_service.arn
  secrets    = [module.password_db_project_service.arn, module.secret_jwt_key.arn]
  reaches = {
    broker = {
      security_group = module.redis_broker.security_group
      port           = 6379
    }
    db = {
      security_group = module.postgres_db.security_group
      port           = 5432
    }
  }
  outside   = true
  logs_keep = 30
  kms_key   = module.key.arn
}

module "service_project_service" {
  source = "../modules/aws-service"

  name       = "skillforge-dev-project-service"
  service    = "project-service"
  short_name = "skillforge-dev-project-service"
  cluster    = module.cluster
  vpc        = module.network.vpc
  subnets    = module.network.private_subnets
  task       = module.task_project_service
  port       = 8080
  scale = {
    min      = 0
    max      = 2
    requests = 80
  }
  connect = { serves = true }
}
