with source as (

    select * from {{ frozen('enrolment') }}

),

renamed as (

    select
        cast(scope_code as string) as scope_code,
        cast(has_subtree as boolean) as has_subtree,
        cast(batch_code as string) as batch_code,
        cast(from_period as string) as from_period,
        cast(to_period as string) as to_period
    from source

)

select * from renamed
