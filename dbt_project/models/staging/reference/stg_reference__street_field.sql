with source as (

    select * from {{ forms('street_fields', 'street/fields') }}

),

renamed as (

    select
        cast(entity as string) as entity,
        cast(field as string) as field,
        cast(header_zh as string) as header_zh
    from source

)

select * from renamed
