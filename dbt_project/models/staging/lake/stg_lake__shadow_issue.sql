with source as (

    select * from {{ lake('shadow_issue') }}

),

renamed as (

    select
        cast(submission_id as string) as submission_id,
        cast(unit_code as string) as unit_code,
        cast(lake_period as string) as period,
        cast(form as string) as form,
        cast(sheet as string) as sheet,
        cast(cell as string) as cell,
        cast(header as string) as header,
        cast(raw_value as string) as raw_value,
        cast(issue_code as string) as issue_code,
        cast(severity as string) as severity,
        cast(message as string) as message,
        cast(remedy as string) as remedy,
        cast(finding_key as string) as finding_key
    from source

)

select * from renamed
