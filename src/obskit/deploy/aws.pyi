# What type checkers know of `obskit.deploy.aws`; made by `make aws-stub`, do not edit.

from obskit.deploy.specs.metrics import AwsMetric

class _Appsync:  # AWS/AppSync
    active_connections: AwsMetric  # ActiveConnections, Count
    active_subscriptions: AwsMetric  # ActiveSubscriptions, Count
    cache_hit: AwsMetric  # CacheHit, Count
    cache_miss: AwsMetric  # CacheMiss, Count
    connect_client_error: AwsMetric  # ConnectClientError, Count
    connect_server_error: AwsMetric  # ConnectServerError, Count
    connect_success: AwsMetric  # ConnectSuccess, Count
    connection_duration: AwsMetric  # ConnectionDuration, Seconds
    disconnect_client_error: AwsMetric  # DisconnectClientError, Count
    disconnect_server_error: AwsMetric  # DisconnectServerError, Count
    disconnect_success: AwsMetric  # DisconnectSuccess, Count
    error_4xx: AwsMetric  # 4XXError, Count
    error_5xx: AwsMetric  # 5XXError, Count
    graphql_error: AwsMetric  # GraphQLError, Count
    latency: AwsMetric  # Latency, Milliseconds
    publish_data_message_client_error: AwsMetric  # PublishDataMessageClientError, Count
    publish_data_message_server_error: AwsMetric  # PublishDataMessageServerError, Count
    publish_data_message_size: AwsMetric  # PublishDataMessageSize, Bytes
    publish_data_message_success: AwsMetric  # PublishDataMessageSuccess, Count
    requests: AwsMetric  # Requests, Count
    subscribe_client_error: AwsMetric  # SubscribeClientError, Count
    subscribe_server_error: AwsMetric  # SubscribeServerError, Count
    subscribe_success: AwsMetric  # SubscribeSuccess, Count
    tokens_consumed: AwsMetric  # TokensConsumed, Count
    unsubscribe_client_error: AwsMetric  # UnsubscribeClientError, Count
    unsubscribe_server_error: AwsMetric  # UnsubscribeServerError, Count
    unsubscribe_success: AwsMetric  # UnsubscribeSuccess, Count

class _Lambda:  # AWS/Lambda
    async_event_age: AwsMetric  # AsyncEventAge, Milliseconds
    async_events_dropped: AwsMetric  # AsyncEventsDropped, Count
    async_events_received: AwsMetric  # AsyncEventsReceived, Count
    concurrent_executions: AwsMetric  # ConcurrentExecutions, Count
    dead_letter_errors: AwsMetric  # DeadLetterErrors, Count
    destination_delivery_failures: AwsMetric  # DestinationDeliveryFailures, Count
    duration: AwsMetric  # Duration, Milliseconds
    errors: AwsMetric  # Errors, Count
    invocations: AwsMetric  # Invocations, Count
    iterator_age: AwsMetric  # IteratorAge, Milliseconds
    offset_lag: AwsMetric  # OffsetLag, Count
    post_runtime_extensions_duration: AwsMetric  # PostRuntimeExtensionsDuration, Milliseconds
    provisioned_concurrency_invocations: AwsMetric  # ProvisionedConcurrencyInvocations, Count
    provisioned_concurrency_spillover_invocations: AwsMetric  # ProvisionedConcurrencySpilloverInvocations, Count
    provisioned_concurrency_utilization: AwsMetric  # ProvisionedConcurrencyUtilization, Percent
    provisioned_concurrent_executions: AwsMetric  # ProvisionedConcurrentExecutions, Count
    throttles: AwsMetric  # Throttles, Count
    unreserved_concurrent_executions: AwsMetric  # UnreservedConcurrentExecutions, Count

class _LambdaInsights:  # LambdaInsights
    cpu_total_time: AwsMetric  # cpu_total_time, Milliseconds
    init_duration: AwsMetric  # init_duration, Milliseconds
    memory_utilization: AwsMetric  # memory_utilization, Percent
    rx_bytes: AwsMetric  # rx_bytes, Bytes
    total_memory: AwsMetric  # total_memory, Megabytes
    total_network: AwsMetric  # total_network, Bytes
    tx_bytes: AwsMetric  # tx_bytes, Bytes
    used_memory_max: AwsMetric  # used_memory_max, Megabytes

class _Sqs:  # AWS/SQS
    approximate_age_of_oldest_message: AwsMetric  # ApproximateAgeOfOldestMessage, Seconds
    approximate_number_of_messages_delayed: AwsMetric  # ApproximateNumberOfMessagesDelayed, Count
    approximate_number_of_messages_not_visible: AwsMetric  # ApproximateNumberOfMessagesNotVisible, Count
    approximate_number_of_messages_visible: AwsMetric  # ApproximateNumberOfMessagesVisible, Count
    number_of_empty_receives: AwsMetric  # NumberOfEmptyReceives, Count
    number_of_messages_deleted: AwsMetric  # NumberOfMessagesDeleted, Count
    number_of_messages_received: AwsMetric  # NumberOfMessagesReceived, Count
    number_of_messages_sent: AwsMetric  # NumberOfMessagesSent, Count
    sent_message_size: AwsMetric  # SentMessageSize, Bytes

class _Sns:  # AWS/SNS
    number_of_messages_published: AwsMetric  # NumberOfMessagesPublished, Count
    number_of_notifications_delivered: AwsMetric  # NumberOfNotificationsDelivered, Count
    number_of_notifications_failed: AwsMetric  # NumberOfNotificationsFailed, Count
    number_of_notifications_failed_to_redrive_to_dlq: AwsMetric  # NumberOfNotificationsFailedToRedriveToDlq, Count
    number_of_notifications_filtered_out: AwsMetric  # NumberOfNotificationsFilteredOut, Count
    number_of_notifications_filtered_out_invalid_attributes: AwsMetric
    number_of_notifications_filtered_out_invalid_message_body: AwsMetric
    number_of_notifications_filtered_out_message_attributes: AwsMetric
    number_of_notifications_filtered_out_message_body: AwsMetric  # NumberOfNotificationsFilteredOut-MessageBody, Count
    number_of_notifications_filtered_out_no_message_attributes: AwsMetric
    number_of_notifications_redriven_to_dlq: AwsMetric  # NumberOfNotificationsRedrivenToDlq, Count
    phone_number_direct: AwsMetric  # PhoneNumberDirect
    publish_size: AwsMetric  # PublishSize, Bytes
    sms_month_to_date_spent_usd: AwsMetric  # SMSMonthToDateSpentUSD
    sms_success_rate: AwsMetric  # SMSSuccessRate

class _Events:  # AWS/Events
    dead_letter_invocations: AwsMetric  # DeadLetterInvocations, Count
    failed_invocations: AwsMetric  # FailedInvocations, Count
    ingestion_to_invocation_start_latency: AwsMetric  # IngestionToInvocationStartLatency, Milliseconds
    invocations: AwsMetric  # Invocations, Count
    invocations_failed_to_be_sent_to_dlq: AwsMetric  # InvocationsFailedToBeSentToDlq, Count
    invocations_sent_to_dlq: AwsMetric  # InvocationsSentToDlq, Count
    matched_events: AwsMetric  # MatchedEvents, Count
    throttled_rules: AwsMetric  # ThrottledRules, Count
    triggered_rules: AwsMetric  # TriggeredRules, Count

class _States:  # AWS/States
    activities_failed: AwsMetric  # ActivitiesFailed, Count
    activities_heartbeat_timed_out: AwsMetric  # ActivitiesHeartbeatTimedOut, Count
    activities_scheduled: AwsMetric  # ActivitiesScheduled, Count
    activities_started: AwsMetric  # ActivitiesStarted, Count
    activities_succeeded: AwsMetric  # ActivitiesSucceeded, Count
    activities_timed_out: AwsMetric  # ActivitiesTimedOut, Count
    activity_run_time: AwsMetric  # ActivityRunTime, Milliseconds
    activity_schedule_time: AwsMetric  # ActivityScheduleTime, Milliseconds
    activity_time: AwsMetric  # ActivityTime, Milliseconds
    execution_throttled: AwsMetric  # ExecutionThrottled, Count
    execution_time: AwsMetric  # ExecutionTime, Milliseconds
    executions_aborted: AwsMetric  # ExecutionsAborted, Count
    executions_failed: AwsMetric  # ExecutionsFailed, Count
    executions_started: AwsMetric  # ExecutionsStarted, Count
    executions_succeeded: AwsMetric  # ExecutionsSucceeded, Count
    executions_timed_out: AwsMetric  # ExecutionsTimedOut, Count

class _Aurora:  # AWS/RDS
    aborted_clients: AwsMetric  # AbortedClients, Count
    active_transactions: AwsMetric  # ActiveTransactions, Count/Second
    acu_utilization: AwsMetric  # ACUUtilization, Percent
    aurora_binlog_replica_lag: AwsMetric  # AuroraBinlogReplicaLag, Seconds
    aurora_global_db_data_transfer_bytes: AwsMetric  # AuroraGlobalDBDataTransferBytes, Bytes
    aurora_global_db_progress_lag: AwsMetric  # AuroraGlobalDBProgressLag, Milliseconds
    aurora_global_db_replicated_write_io: AwsMetric  # AuroraGlobalDBReplicatedWriteIO, Count
    aurora_global_db_replication_lag: AwsMetric  # AuroraGlobalDBReplicationLag, Milliseconds
    aurora_global_db_rpo_lag: AwsMetric  # AuroraGlobalDBRPOLag, Milliseconds
    aurora_replica_lag: AwsMetric  # AuroraReplicaLag, Milliseconds
    aurora_replica_lag_maximum: AwsMetric  # AuroraReplicaLagMaximum, Milliseconds
    aurora_replica_lag_minimum: AwsMetric  # AuroraReplicaLagMinimum, Milliseconds
    aurora_slow_connection_handle_count: AwsMetric  # AuroraSlowConnectionHandleCount, Count
    aurora_slow_handshake_count: AwsMetric  # AuroraSlowHandshakeCount, Count
    aurora_volume_bytes_left_total: AwsMetric  # AuroraVolumeBytesLeftTotal, Bytes
    backtrack_change_records_creation_rate: AwsMetric  # BacktrackChangeRecordsCreationRate, Count
    backtrack_change_records_stored: AwsMetric  # BacktrackChangeRecordsStored, Count
    backtrack_window_actual: AwsMetric  # BacktrackWindowActual
    backtrack_window_alert: AwsMetric  # BacktrackWindowAlert, Count
    backup_retention_period_storage_used: AwsMetric  # BackupRetentionPeriodStorageUsed, Bytes
    blocked_transactions: AwsMetric  # BlockedTransactions, Count/Second
    buffer_cache_hit_ratio: AwsMetric  # BufferCacheHitRatio, Percent
    commit_latency: AwsMetric  # CommitLatency, Milliseconds
    commit_throughput: AwsMetric  # CommitThroughput, Count/Second
    connection_attempts: AwsMetric  # ConnectionAttempts, Count
    cpu_credit_balance: AwsMetric  # CPUCreditBalance, Count
    cpu_credit_usage: AwsMetric  # CPUCreditUsage, Count
    cpu_utilization: AwsMetric  # CPUUtilization, Percent
    database_connections: AwsMetric  # DatabaseConnections, Count
    ddl_latency: AwsMetric  # DDLLatency, Milliseconds
    ddl_throughput: AwsMetric  # DDLThroughput, Count/Second
    deadlocks: AwsMetric  # Deadlocks, Count/Second
    delete_latency: AwsMetric  # DeleteLatency, Milliseconds
    delete_throughput: AwsMetric  # DeleteThroughput, Count/Second
    disk_queue_depth: AwsMetric  # DiskQueueDepth, Count
    dml_latency: AwsMetric  # DMLLatency, Milliseconds
    dml_throughput: AwsMetric  # DMLThroughput, Count/Second
    ebs_byte_balance_percent: AwsMetric  # EBSByteBalance%
    ebs_io_balance_percent: AwsMetric  # EBSIOBalance%
    engine_uptime: AwsMetric  # EngineUptime, Seconds
    free_local_storage: AwsMetric  # FreeLocalStorage, Bytes
    free_storage_space: AwsMetric  # FreeStorageSpace, Bytes
    freeable_memory: AwsMetric  # FreeableMemory, Bytes
    insert_latency: AwsMetric  # InsertLatency, Milliseconds
    insert_throughput: AwsMetric  # InsertThroughput, Count/Second
    login_failures: AwsMetric  # LoginFailures, Count/Second
    maximum_used_transaction_ids: AwsMetric  # MaximumUsedTransactionIDs, Count
    network_receive_throughput: AwsMetric  # NetworkReceiveThroughput, Bytes/Second
    network_throughput: AwsMetric  # NetworkThroughput, Bytes/Second
    network_transmit_throughput: AwsMetric  # NetworkTransmitThroughput, Bytes/Second
    num_binary_log_files: AwsMetric  # NumBinaryLogFiles, Count
    queries: AwsMetric  # Queries, Count/Second
    rds_to_aurora_postgresql_replica_lag: AwsMetric  # RDSToAuroraPostgreSQLReplicaLag, Seconds
    read_iops: AwsMetric  # ReadIOPS, Count/Second
    read_latency: AwsMetric  # ReadLatency, Seconds
    read_throughput: AwsMetric  # ReadThroughput, Bytes/Second
    replication_slot_disk_usage: AwsMetric  # ReplicationSlotDiskUsage, Bytes
    result_set_cache_hit_ratio: AwsMetric  # ResultSetCacheHitRatio, Percent
    rollback_segment_history_list_length: AwsMetric  # RollbackSegmentHistoryListLength, Count
    row_lock_time: AwsMetric  # RowLockTime, Milliseconds
    select_latency: AwsMetric  # SelectLatency, Milliseconds
    select_throughput: AwsMetric  # SelectThroughput, Count/Second
    serverless_database_capacity: AwsMetric  # ServerlessDatabaseCapacity, Count
    snapshot_storage_used: AwsMetric  # SnapshotStorageUsed, Bytes
    storage_network_receive_throughput: AwsMetric  # StorageNetworkReceiveThroughput, Bytes/Second
    storage_network_throughput: AwsMetric  # StorageNetworkThroughput, Bytes/Second
    storage_network_transmit_throughput: AwsMetric  # StorageNetworkTransmitThroughput, Bytes/Second
    sum_binary_log_size: AwsMetric  # SumBinaryLogSize, Bytes
    swap_usage: AwsMetric  # SwapUsage, Bytes
    temp_storage_iops: AwsMetric  # TempStorageIOPS, Count/Second
    temp_storage_throughput: AwsMetric  # TempStorageThroughput, Bytes/Second
    total_backup_storage_billed: AwsMetric  # TotalBackupStorageBilled, Bytes
    transaction_logs_disk_usage: AwsMetric  # TransactionLogsDiskUsage, Bytes
    update_latency: AwsMetric  # UpdateLatency, Milliseconds
    update_throughput: AwsMetric  # UpdateThroughput, Count/Second
    volume_bytes_used: AwsMetric  # VolumeBytesUsed, Bytes
    volume_read_iops: AwsMetric  # VolumeReadIOPs, Count
    volume_write_iops: AwsMetric  # VolumeWriteIOPs, Count
    write_iops: AwsMetric  # WriteIOPS, Count/Second
    write_latency: AwsMetric  # WriteLatency, Seconds
    write_throughput: AwsMetric  # WriteThroughput, Bytes/Second

class _Ecs:  # AWS/ECS
    cpu_reservation: AwsMetric  # CPUReservation, Percent
    cpu_utilization: AwsMetric  # CPUUtilization, Percent
    gpu_reservation: AwsMetric  # GPUReservation, Percent
    memory_reservation: AwsMetric  # MemoryReservation, Percent
    memory_utilization: AwsMetric  # MemoryUtilization, Percent

class _ContainerInsights:  # ECS/ContainerInsights
    container_instance_count: AwsMetric  # ContainerInstanceCount, Count
    cpu_reserved: AwsMetric  # CpuReserved
    cpu_utilized: AwsMetric  # CpuUtilized
    deployment_count: AwsMetric  # DeploymentCount, Count
    desired_task_count: AwsMetric  # DesiredTaskCount, Count
    ephemeral_storage_reserved: AwsMetric  # EphemeralStorageReserved, Gigabytes
    ephemeral_storage_utilized: AwsMetric  # EphemeralStorageUtilized, Gigabytes
    memory_reserved: AwsMetric  # MemoryReserved, Megabytes
    memory_utilized: AwsMetric  # MemoryUtilized, Megabytes
    network_rx_bytes: AwsMetric  # NetworkRxBytes, Bytes/Second
    network_tx_bytes: AwsMetric  # NetworkTxBytes, Bytes/Second
    pending_task_count: AwsMetric  # PendingTaskCount, Count
    running_task_count: AwsMetric  # RunningTaskCount, Count
    service_count: AwsMetric  # ServiceCount, Count
    storage_read_bytes: AwsMetric  # StorageReadBytes, Bytes
    storage_write_bytes: AwsMetric  # StorageWriteBytes, Bytes
    task_count: AwsMetric  # TaskCount, Count
    task_set_count: AwsMetric  # TaskSetCount, Count

class _Cloudfront:  # AWS/CloudFront
    bytes_downloaded: AwsMetric  # BytesDownloaded
    bytes_uploaded: AwsMetric  # BytesUploaded
    cache_hit_rate: AwsMetric  # CacheHitRate, Percent
    error_rate_401: AwsMetric  # 401ErrorRate, Percent
    error_rate_403: AwsMetric  # 403ErrorRate, Percent
    error_rate_404: AwsMetric  # 404ErrorRate, Percent
    error_rate_4xx: AwsMetric  # 4xxErrorRate, Percent
    error_rate_502: AwsMetric  # 502ErrorRate, Percent
    error_rate_503: AwsMetric  # 503ErrorRate, Percent
    error_rate_504: AwsMetric  # 504ErrorRate, Percent
    error_rate_5xx: AwsMetric  # 5xxErrorRate, Percent
    origin_latency: AwsMetric  # OriginLatency, Milliseconds
    requests: AwsMetric  # Requests
    total_error_rate: AwsMetric  # TotalErrorRate, Percent

class _Waf:  # AWS/WAFV2
    allowed_requests: AwsMetric  # AllowedRequests, Count
    blocked_requests: AwsMetric  # BlockedRequests, Count
    captcha_requests: AwsMetric  # CaptchaRequests, Count
    challenge_requests: AwsMetric  # ChallengeRequests, Count
    counted_requests: AwsMetric  # CountedRequests, Count
    passed_requests: AwsMetric  # PassedRequests, Count
    requests_with_valid_captcha_token: AwsMetric  # RequestsWithValidCaptchaToken, Count
    requests_with_valid_challenge_token: AwsMetric  # RequestsWithValidChallengeToken, Count
    sample_allowed_requests: AwsMetric  # SampleAllowedRequests, Percent
    sample_blocked_requests: AwsMetric  # SampleBlockedRequests, Percent

class _Cognito:  # AWS/Cognito
    account_take_over_risk: AwsMetric  # AccountTakeOverRisk, Count
    compromised_credential_risk: AwsMetric  # CompromisedCredentialRisk, Count
    federation_successes: AwsMetric  # FederationSuccesses, Count
    federation_throttles: AwsMetric  # FederationThrottles, Count
    no_risk: AwsMetric  # NoRisk, Count
    override_block: AwsMetric  # OverrideBlock, Count
    risk: AwsMetric  # Risk, Count
    sign_in_successes: AwsMetric  # SignInSuccesses, Count
    sign_in_throttles: AwsMetric  # SignInThrottles, Count
    sign_up_successes: AwsMetric  # SignUpSuccesses, Count
    sign_up_throttles: AwsMetric  # SignUpThrottles, Count
    token_refresh_successes: AwsMetric  # TokenRefreshSuccesses, Count
    token_refresh_throttles: AwsMetric  # TokenRefreshThrottles, Count

class _Ses:  # AWS/SES
    bounce: AwsMetric  # Bounce, Count
    click: AwsMetric  # Click, Count
    complaint: AwsMetric  # Complaint, Count
    delivery: AwsMetric  # Delivery, Count
    open: AwsMetric  # Open, Count
    reject: AwsMetric  # Reject, Count
    rendering_failure: AwsMetric  # RenderingFailure, Count
    reputation_bounce_rate: AwsMetric  # Reputation.BounceRate, Percent
    reputation_complaint_rate: AwsMetric  # Reputation.ComplaintRate, Percent
    send: AwsMetric  # Send, Count

class _Logs:  # AWS/Logs
    anomaly_count: AwsMetric  # AnomalyCount, Count
    delivery_errors: AwsMetric  # DeliveryErrors, Count
    delivery_throttling: AwsMetric  # DeliveryThrottling, Count
    emf_parsing_errors: AwsMetric  # EMFParsingErrors, Count
    emf_validation_errors: AwsMetric  # EMFValidationErrors, Count
    forwarded_log_events: AwsMetric  # ForwardedLogEvents, Count
    incoming_bytes: AwsMetric  # IncomingBytes, Bytes
    incoming_log_events: AwsMetric  # IncomingLogEvents, Count
    log_events_with_findings: AwsMetric  # LogEventsWithFindings, Count
    transformation_errors: AwsMetric  # TransformationErrors, Count
    transformed_bytes: AwsMetric  # TransformedBytes, Bytes
    transformed_log_events: AwsMetric  # TransformedLogEvents, Count

class _Synthetics:  # CloudWatchSynthetics
    duration: AwsMetric  # Duration, Milliseconds
    failed: AwsMetric  # Failed, Count
    failed_requests: AwsMetric  # Failed requests, Count
    responses_2xx: AwsMetric  # 2xx, Count
    responses_4xx: AwsMetric  # 4xx, Count
    responses_5xx: AwsMetric  # 5xx, Count
    success_percent: AwsMetric  # SuccessPercent, Percent

def appsync(api: str, *, resolver: str = "", data_source: str = "", operation: str = "") -> _Appsync: ...
def lambda_(function: str = "", *, alias: str = "", version: str = "") -> _Lambda: ...
def lambda_insights(function: str, *, version: str = "") -> _LambdaInsights: ...
def sqs(queue: str) -> _Sqs: ...
def sns(topic: str = "") -> _Sns: ...
def events(rule: str = "") -> _Events: ...
def states(machine: str = "", *, activity: str = "") -> _States: ...
def aurora(cluster: str = "", *, role: str = "", instance: str = "") -> _Aurora: ...
def ecs(cluster: str, service: str = "") -> _Ecs: ...
def container_insights(cluster: str, service: str = "", *, task: str = "") -> _ContainerInsights: ...
def cloudfront(distribution: str) -> _Cloudfront: ...
def waf(acl: str = "", rule: str = "ALL", *, region: str = "", rule_group: str = "", bot: str = "") -> _Waf: ...
def cognito(user_pool: str, client: str, *, identity_provider: str = "") -> _Cognito: ...
def cognito_risk(user_pool: str, operation: str, *, risk_level: str = "") -> _Cognito: ...
def ses(configuration_set: str = "") -> _Ses: ...
def logs(group: str) -> _Logs: ...
def synthetics(canary: str) -> _Synthetics: ...
