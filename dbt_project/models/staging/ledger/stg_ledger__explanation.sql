with source as (

    select * from {{ frozen('explanation') }}

),

renamed as (

    select
        cast(explanation_id as string) as explanation_id,
        cast(finding_key as string) as finding_key,
        cast(submission_id as string) as submission_id,
        cast(unit_code as string) as unit_code,
        cast(period as string) as period,
        cast(form as string) as form,
        cast(issue_code as string) as issue_code,
        cast(explained_at as timestamp) as explained_at,
        cast(way as string) as way
    from source

)

select * from renamed
